"""The whole stack on this machine, once a session: the demo is the first thing that happens on it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.local.bring_up import take_down
from cli.stack.home import REPOSITORY, Home
from cli.stack.stack import Stack
from tests.e2e.support import quiet_step, switchyard


@dataclass(frozen=True)
class Demo:
    """What `switchyard demo` printed and how it ended, and the stack that it left running."""

    exit_code: int
    output: str
    home: Home

    @property
    def stack(self) -> Stack:
        return Stack.load(self.home)


@pytest.fixture(autouse=True)
def what_must_hold_holds(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test of the stack: `switchyard check` finds nothing, unless the test took the stack down."""
    yield
    if "demo" in request.fixturenames:
        home: Home = request.getfixturevalue("demo").home
        if home.state_file.exists():
            checked = switchyard(home, "check")
            assert checked.returncode == 0, checked.stdout + checked.stderr


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
            timeout=900,
            check=False,
        )
        yield Demo(ended.returncode, ended.stdout + ended.stderr, home)
    finally:
        take_down(home, quiet_step, purge=True)
