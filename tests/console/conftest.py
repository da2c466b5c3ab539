"""A stack in memory for the console."""

from collections.abc import Iterator

import pytest

from tests.console.site import Site, site


@pytest.fixture
def stack() -> Iterator[Site]:
    with site() as found:
        yield found
