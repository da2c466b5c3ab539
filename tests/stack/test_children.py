"""Detached processes: started, told apart from strangers, stopped with all they started."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from cli.stack.children import Child, start, stop

from .conftest import until

SLEEPS = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"
WITH_GRANDCHILD = f"""
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", {SLEEPS!r}], stdout=subprocess.DEVNULL)
print("up", grandchild.pid, flush=True)
grandchild.wait()
"""


def started(folder: Path, code: str) -> tuple[Child, list[str]]:
    """The child, once it runs, and the words of its first line."""
    log = folder / "log"
    child = start([sys.executable, "-c", code], dict(os.environ), folder, log)
    until(lambda: log.read_text().endswith("\n"))
    return child, log.read_text().split()


def test_a_child_has_a_session_of_its_own(tmp_path: Path) -> None:
    child, _ = started(tmp_path, SLEEPS)
    assert child.is_running
    assert os.getsid(child.pid) == child.pid
    assert stop(child, 5.0)
    assert not child.is_running


def test_one_that_ignores_term_is_killed_with_all_it_started(tmp_path: Path) -> None:
    child, (_, grandchild) = started(tmp_path, WITH_GRANDCHILD)
    assert not stop(child, 0.2)
    assert not child.is_running
    until(lambda: not psutil.pid_exists(int(grandchild)))


def test_a_stranger_with_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEPS], stdout=subprocess.DEVNULL) as stranger:
        remembered = Child(stranger.pid, psutil.Process(stranger.pid).create_time() - 60)
        assert not remembered.is_running
        assert stop(remembered, 5.0)
        assert stranger.poll() is None
        stranger.kill()


def test_one_that_ended_by_itself_is_not_running(tmp_path: Path) -> None:
    child = start([sys.executable, "-c", "pass"], dict(os.environ), tmp_path, tmp_path / "log")
    until(lambda: not child.is_running)
    assert stop(child, 0.0)


def test_a_pid_that_nobody_has_is_not_running() -> None:
    assert not Child(2**22 - 1, 0.0).is_running


@pytest.mark.parametrize("code", [SLEEPS, STUBBORN])
def test_a_child_is_known_again_by_what_was_written_down(tmp_path: Path, code: str) -> None:
    child, _ = started(tmp_path, code)
    assert replace(child, started=round(child.started, 2)).is_running
    stop(child, 0.2)
