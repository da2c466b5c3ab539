"""A stack of its own for each part of the walk: the demo wants one that holds no other model."""

from collections.abc import Iterator

import pytest

from cli.local.bring_up import bring_up, take_down
from cli.stack.home import Home
from cli.stack.stack import Stack
from tests.e2e.support import quiet_step


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = Home(tmp_path_factory.mktemp("switchyard"))
    try:
        yield bring_up(home, quiet_step).stack
    finally:
        take_down(home, quiet_step, purge=True)
