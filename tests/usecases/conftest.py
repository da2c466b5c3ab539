import pytest

from tests.fakes.rooms import Rooms


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()
