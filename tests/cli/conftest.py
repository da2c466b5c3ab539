"""A ledger and a bucket in memory, for runs that have settled."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.stack.stack import Stack
from tests.cli.deployed import Deployed, deployed_stack
from tests.cli.settled_runs import Desk
from tests.fakes.store import MemoryItems, MemoryStorage


@pytest.fixture
def desk() -> Desk:
    return Desk(MemoryItems(), MemoryStorage("artifacts"))


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Deployed]:
    """A running stack that every command finds; files are written to a folder of the test's own."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    monkeypatch.chdir(tmp_path)
    with deployed_stack() as made:
        monkeypatch.setattr(Stack, "load", lambda *_: made)
        yield made


@pytest.fixture
def deployed(stack: Deployed) -> Desk:
    """What lies in the running stack's ledger and bucket."""
    return stack.desk
