"""Two whole stacks on this machine, once a session: one on which the demo is the first thing to happen, and a bare one.

With workers (`-n`) each stack and its tests are one worker's: tests/workers.py.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from cli.local.bring_up import take_down
from cli.records.model_views import not_so
from cli.stack.home import REPOSITORY, Home
from cli.stack.stack import Stack
from tests import patience
from tests.e2e.support import RUN_SECONDS, quiet_step, stack_of_its_own, until


@dataclass(frozen=True)
class Running:
    """A stack by its folder: after an `up` its services are others."""

    home: Home

    @property
    def stack(self) -> Stack:
        return Stack.load(self.home)


@dataclass(frozen=True)
class Demo(Running):
    """What `switchyard demo` printed and how it ended, and the stack that it left running."""

    exit_code: int
    output: str


def everything_holds(stack: Stack) -> bool:
    return not not_so(stack)


@pytest.fixture(autouse=True)
def what_must_hold_holds(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test of a stack nothing is found that `switchyard check` looks for, unless the test took it down."""
    yield
    for name in {"demo", "bare"} & set(request.fixturenames):
        running: Running = request.getfixturevalue(name)
        # A run that has just ended still lets go of its place.
        if running.home.state_file.exists() and (found := not_so(running.stack)):
            until(partial(everything_holds, running.stack), patience.SECONDS, f"an end of {found}")


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack on which nothing has happened yet."""
    with stack_of_its_own(tmp_path_factory.mktemp("bare")) as stack:
        yield Running(stack.home)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder: Path = tmp_path_factory.mktemp("switchyard")
    home = Home(folder)
    environment = {**os.environ, "SWITCHYARD_HOME": str(folder)}
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "cli.main", "demo"],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        yield Demo(home, ended.returncode, ended.stdout + ended.stderr)
    finally:
        take_down(home, quiet_step, purge=True)
