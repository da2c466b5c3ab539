"""The command that keeps cores busy leaves none of them so."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests import patience
from tests.busy.__main__ import busy

ROOT = Path(__file__).resolve().parents[2]


def test_cores_are_busy_within_the_block_and_not_behind_it() -> None:
    with busy(2) as burners:
        assert [burner.poll() for burner in burners] == [None, None]
    assert [burner.poll() is None for burner in burners] == [False, False]


def test_burners_end_after_their_time() -> None:
    with busy(1, seconds=0.2) as [burner]:
        assert burner.wait(patience.SECONDS) == 0


@pytest.mark.parametrize("status", [0, 3])
def test_a_command_is_repeated_until_it_fails_and_nothing_is_left(status: int) -> None:
    command = [sys.executable, "-c", f"print('ran', flush=True); raise SystemExit({status})"]
    whole = [sys.executable, "-m", "tests.busy", "--times", "2", "--cores", "1", "--", *command]
    before = set(psutil.Process().children())
    ended = subprocess.run(whole, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == status, ended.stderr
    assert ended.stdout.splitlines().count("ran") == (1 if status else 2)
    assert set(psutil.Process().children()) <= before
