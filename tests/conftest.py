"""Fixtures of the stations' tests."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fakes.rooms import Rooms


@pytest.fixture
def rooms() -> "Rooms":
    """Every use case over fakes; imported here, since most tests need none of it."""
    from tests.fakes.rooms import Rooms

    return Rooms()
