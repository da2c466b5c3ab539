"""What strangers may send ends in one record, in words, within bounds; `python -m tests.hostile` sends more."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.bounds import BYTES, CPU_SECONDS

ROOT = Path(__file__).resolve().parents[2]
COUNT, SEEDS = 40, (1, 2)


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.hostile", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("seed", SEEDS)
def test_hostile_inputs_of_every_door_end_as_they_must(seed: int) -> None:
    ran = run("--count", str(COUNT), "--seed", str(seed), "--json")
    found = json.loads(ran.stdout)
    assert {each["name"]: each["broken"] for each in found if each["broken"]} == {}, ran.stderr
    assert len({each["name"] for each in found}) == COUNT
    assert all(each["cpu"] <= CPU_SECONDS and each["peak"] <= BYTES for each in found)
    assert ran.returncode == 0


def test_the_same_seed_sends_the_same() -> None:
    from tests.hostile.recipes import book

    names = [[name for name, _ in book().draw(50, seed)] for seed in (7, 7, 8)]
    assert names[0] == names[1] != names[2]
