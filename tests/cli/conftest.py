"""A ledger and a bucket in memory, for runs that have settled."""

import pytest

from tests.cli.settled_runs import Desk
from tests.fakes.store import MemoryItems, MemoryStorage


@pytest.fixture
def desk() -> Desk:
    return Desk(MemoryItems(), MemoryStorage("artifacts"))
