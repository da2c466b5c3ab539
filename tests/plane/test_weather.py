"""Weather of the local SageMaker: what chance does, seeded, on a clock whose minutes are short."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from sagemaker_local import weather
from sagemaker_local.settings import SettingsError, read_settings
from sagemaker_local.weather import NO_ROOM, WEATHERS, Chances, Weather
from tests.plane.support.fakes import FakeBackend, FakeTraffic, succeed
from tests.plane.support.harness import IMAGE, NOBODY, Harness, eventually, serve, settings_in, variant


def under(chances: Chances, minute: float = 0.01) -> Weather:
    made = Weather("fair", minute, seed=1)
    made._chances = chances
    return made


@pytest.fixture
def chances(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WEATHERS, "storm", request.param)


@pytest.fixture
def plane(tmp_path: Path, chances: None) -> Iterator[Harness]:
    """A plane in the test's own weather; a minute lasts 50 ms."""
    backend, traffic = FakeBackend(), FakeTraffic()
    backend.images[IMAGE] = succeed
    settings = settings_in(
        tmp_path / "plane", NOBODY, weather="storm", weather_minute_seconds=0.05, weather_seed=1
    )
    with serve(settings, backend, traffic) as harness:
        yield harness


def an_endpoint(plane: Harness, *names: str) -> None:
    for name in names:
        plane.create_model(name)
        plane.sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    plane.sm.create_endpoint(EndpointName="live", EndpointConfigName=names[0])


def always(**chance: Any) -> Any:
    return pytest.mark.parametrize("chances", [Chances(**chance)], indirect=True)


@always(changes=(40.0,))
def test_a_change_of_an_endpoint_takes_minutes_of_its_clock(plane: Harness) -> None:
    an_endpoint(plane, "old", "new")
    plane.endpoint("live")
    began = time.monotonic()
    plane.sm.update_endpoint(EndpointName="live", EndpointConfigName="new")
    assert plane.sm.describe_endpoint(EndpointName="live")["EndpointStatus"] == "Updating"
    assert plane.endpoint("live")["EndpointConfigName"] == "new"
    assert time.monotonic() - began >= 40 * 0.05


@always(unseen=1.0)
def test_what_was_just_made_is_missed_once_and_only_by_what_refers_to_it(plane: Harness) -> None:
    plane.create_model("m")
    config = {"EndpointConfigName": "c", "ProductionVariants": [variant("m")]}
    with pytest.raises(ClientError, match="Could not find what CreateEndpointConfig of 'm' refers to"):
        plane.sm.create_endpoint_config(**config)
    plane.sm.create_endpoint_config(**config)
    with pytest.raises(ClientError, match="Could not find what DescribeEndpointConfig"):
        plane.sm.describe_endpoint_config(EndpointConfigName="c")
    assert plane.sm.describe_endpoint_config(EndpointConfigName="c")["EndpointConfigName"] == "c"


@always(behind=1.0)
def test_a_description_is_one_change_behind_and_then_is_not(plane: Harness) -> None:
    an_endpoint(plane, "old", "new")
    plane.endpoint("live")
    plane.sm.update_endpoint(EndpointName="live", EndpointConfigName="new")
    plane.endpoint("live")
    eventually(lambda: plane.sm.describe_endpoint(EndpointName="live")["EndpointConfigName"] == "new")


@always(gives_up=1.0, silent=1.0)
def test_an_update_that_finds_no_room_falls_back_without_a_reason(plane: Harness) -> None:
    an_endpoint(plane, "old", "new")
    plane.endpoint("live")
    plane.sm.update_endpoint(EndpointName="live", EndpointConfigName="new")
    found = plane.endpoint("live")
    assert (found["EndpointConfigName"], found.get("FailureReason")) == ("old", None)


@always(gives_up=1.0)
def test_or_with_the_reason(plane: Harness) -> None:
    an_endpoint(plane, "old", "new")
    plane.endpoint("live")
    plane.sm.update_endpoint(EndpointName="live", EndpointConfigName="new")
    assert plane.endpoint("live")["FailureReason"] == NO_ROOM


@always(maintenance=1.0)
def test_maintenance_comes_by_itself_and_refuses_other_changes(plane: Harness) -> None:
    an_endpoint(plane, "old", "new")
    plane.endpoint("live")

    def busy() -> bool:
        found = plane.sm.describe_endpoint(EndpointName="live")["EndpointStatus"]
        return bool(found == "SystemUpdating")

    eventually(busy)
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        plane.sm.update_endpoint(EndpointName="live", EndpointConfigName="new")
    eventually(lambda: not busy())


EVENTS = [(Chances(lost=1.0), 0), (Chances(twice=1.0), 2)]


@pytest.mark.parametrize(("chances", "waiting"), EVENTS, indirect=["chances"])
def test_events_are_lost_or_come_twice(plane: Harness, waiting: int) -> None:
    plane.sm.create_model_package_group(ModelPackageGroupName="g")
    plane.sm.create_model_package(ModelPackageGroupName="g")
    health = httpx.get(f"{plane.url}/_local/health", trust_env=False).json()
    assert health["events_waiting"] == waiting


def test_a_late_event_is_due_later() -> None:
    late = under(Chances(late=1.0), minute=1.0)
    [delay] = late.deliveries()
    assert 0 < delay <= weather.LATEST_EVENT


def test_the_same_seed_is_the_same_weather() -> None:
    def days(seed: int) -> list[float]:
        one = Weather("real", 1.0, seed)
        return [one.change_seconds() for _ in range(20)] + [s for s, _ in islice(one.maintenance(), 5)]

    assert days(1) == days(1) != days(2)


def test_in_fair_weather_nothing_happens_by_chance() -> None:
    fair = Weather()
    assert [fair.change_seconds(), fair.job_seconds(), fair.metric_seconds()] == [0.0] * 3
    assert fair.deliveries() == [0.0]
    assert not list(fair.maintenance())
    assert not fair.gives_up()
    assert not fair.is_throttled()
    assert fair.reason("why") == "why"


def test_there_is_no_other_weather(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="There is no weather 'hail'; there are fair, real, storm"):
        read_settings({"AWS_ENDPOINT_URL": NOBODY}, tmp_path, weather="hail")
