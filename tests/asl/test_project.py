"""The project's own machines pass every check, also as `python -m tests.asl`, which `make lint` runs."""

import subprocess
import sys

import pytest

from tests.asl import project
from tests.contract.cloudformation import ROOT, machines


def test_no_machine_has_a_defect() -> None:
    assert project.problems() == []


def test_lint_says_how_many_problems_there_are_and_exits_accordingly() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.asl"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "state machines: no problem found\n")


@pytest.mark.parametrize("name", sorted(machines()))
def test_a_machine_stays_readable(name: str) -> None:
    assert len(project.of(machines()[name]).text.splitlines()) <= 400
