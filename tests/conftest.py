"""Fixtures of the stations' tests, and what every test finds in its environment, whichever is imported first."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests import botocore_models, memory, workers
from tests.fakes import handler_settings

if TYPE_CHECKING:
    from xdist.remote import Producer

    from tests.fakes.stations import Stations

memory.set_up()
botocore_models.set_up()
handler_settings.set_up()
# How long an example takes says nothing on a machine that does other things too; what hangs, pytest's own timeout ends.
settings.register_profile("every", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Half of Hypothesis's own examples, which continuous integration tries: --hypothesis-profile=every.
settings.register_profile("quick", settings.get_profile("every"), max_examples=50)
settings.load_profile("quick")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    workers.longest_first(items)


def pytest_collection_finish() -> None:
    memory.keep_what_is_there()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return workers.many()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> workers.Units:
    config.option.loadscopereorder = False  # the order is longest_first's
    return workers.Units(config, log)


@pytest.fixture
def stations() -> "Stations":
    """Every use case over fakes; imported here, since most tests need none of it."""
    from tests.fakes.stations import Stations

    return Stations()
