"""What a new life of the plane does with the endpoints of the one before: deployments, rollbacks, sleepers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.plane.hosting.deployments import ONE, blue_green, config_of, rolling, stage, update
from tests.plane.support.fakes import FakeBackend, FakeTraffic
from tests.plane.support.harness import Harness, eventually, serve, settings_in, variant


class Lives:
    """The same plane again and again, on one data directory."""

    def __init__(self, folder: Path, aws_url: str, backend: FakeBackend) -> None:
        self._settings = settings_in(folder, aws_url)
        self._backend = backend
        self.traffic = FakeTraffic()

    def next(self) -> Any:
        self.traffic = FakeTraffic()
        return serve(self._settings, self._backend, self.traffic)


@pytest.fixture
def lives(tmp_path: Path, aws_url: str, backend: FakeBackend) -> Lives:
    """Four instances of `old` serve as `live`, and there is a config for `new`."""
    lives = Lives(tmp_path / "plane", aws_url, backend)
    with lives.next() as first:
        for model in ("old", "new"):
            first.create_model(model)
            config_of(first, model)
        first.sm.create_endpoint(EndpointName="live", EndpointConfigName="old-4")
        first.endpoint("live")
    return lives


def baking(harness: Harness) -> None:
    eventually(lambda: stage(harness), lambda seen: seen == "Baking")


@pytest.mark.parametrize("deployment", [
    blue_green("CANARY", wait=1, CanarySize=ONE), rolling(2, wait=1)
])  # fmt: skip
def test_an_interrupted_deployment_takes_all_its_steps_again(
    lives: Lives, deployment: dict[str, Any]
) -> None:
    with lives.next() as first:
        first.endpoint("live")
        update(first, deployment)
        baking(first)
    with lives.next() as second:
        assert second.sm.describe_endpoint(EndpointName="live")["EndpointStatus"] == "Updating"
        assert second.endpoint("live")["EndpointConfigName"] == "new-4"
        shares = [models.get("new", 0.0) for models in lives.traffic.models]
        assert shares[0] == 0.0
        assert shares == sorted(shares)
        assert 0 < shares[1] < shares[-1] == 1.0


def test_an_interrupted_rollback_is_finished_and_not_tried_again(lives: Lives) -> None:
    missing = blue_green("CANARY", wait=1, alarms=("never-made",), CanarySize=ONE)
    with lives.next() as first:
        first.endpoint("live")
        lives.traffic.stops.clear()
        update(first, missing)
        eventually(
            lambda: first.sm.describe_endpoint(EndpointName="live")["EndpointStatus"],
            lambda status: status == "RollingBack",
        )
    with lives.next() as second:
        endpoint = second.endpoint("live")
        assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "old-4")
        assert "never-made do not exist" in endpoint["FailureReason"]
        assert lives.traffic.models == [{"old": 1.0}]


def test_a_serverless_variant_is_not_woken_by_a_restart(lives: Lives) -> None:
    with lives.next() as first:
        member = {
            "VariantName": "main",
            "ModelName": "new",
            "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1},
        }
        first.sm.create_endpoint_config(EndpointConfigName="cold", ProductionVariants=[member])
        first.sm.create_endpoint(EndpointName="cold", EndpointConfigName="cold")
        first.endpoint("cold")
        assert ("start", "main") in lives.traffic.calls
    with lives.next() as second:
        second.endpoint("cold")
        second.endpoint("live")
        assert {call for call, _ in lives.traffic.calls} == {"expect", "start cold", "route"}


def test_an_endpoint_that_was_being_made_is_made_in_earnest(lives: Lives) -> None:
    with lives.next() as first:
        first.endpoint("live")
        lives.traffic.gate.clear()
        first.sm.create_endpoint_config(EndpointConfigName="late", ProductionVariants=[variant("new")])
        first.sm.create_endpoint(EndpointName="late", EndpointConfigName="late")
    with lives.next() as second:
        assert second.endpoint("late")["EndpointStatus"] == "InService"
        assert ("start", "new") in lives.traffic.calls


def test_shadows_serve_again_too(lives: Lives) -> None:
    with lives.next() as first:
        first.sm.create_endpoint_config(
            EndpointConfigName="shadowed",
            ProductionVariants=[variant("old")],
            ShadowProductionVariants=[variant("new", 0.5)],
        )
        first.sm.create_endpoint(EndpointName="shadowed", EndpointConfigName="shadowed")
        first.endpoint("shadowed")
    with lives.next() as second:
        assert second.endpoint("shadowed")["ShadowProductionVariants"][0]["CurrentWeight"] == 0.5
        route = lives.traffic.serving["shadowed"]
        assert route.shadow is not None
        assert route.shadow[1] == 0.5
