"""Fixtures of the stations' tests, and what handlers find in their environment, whichever test imports one first."""

from typing import TYPE_CHECKING

import pytest

from tests.fakes import handler_settings

if TYPE_CHECKING:
    from tests.fakes.stations import Stations

handler_settings.set_up()


@pytest.fixture
def stations() -> "Stations":
    """Every use case over fakes; imported here, since most tests need none of it."""
    from tests.fakes.stations import Stations

    return Stations()
