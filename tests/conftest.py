"""Fixtures of the stations' tests."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fakes.stations import Stations


@pytest.fixture
def stations() -> "Stations":
    """Every use case over fakes; imported here, since most tests need none of it."""
    from tests.fakes.stations import Stations

    return Stations()
