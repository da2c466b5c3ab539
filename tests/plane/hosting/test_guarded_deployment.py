"""UpdateEndpoint with a DeploymentConfig over boto3: steps, alarms, the way back, and what Describe shows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.hosting.deployment_config import Plan, plan
from tests.plane.hosting.deployments import (
    CANARY,
    ONE,
    auto_rollback,
    blue_green,
    config_of,
    rolling,
    stage,
    update,
)
from tests.plane.support.fakes import succeed
from tests.plane.support.harness import IMAGE, Harness, client, eventually

BROKEN = IMAGE.replace("toy:1", "broken:1")


@pytest.fixture
def live(plane: Harness) -> Harness:
    """The endpoint `live` on four instances of `old`; configs of the same variant for `new` and `bad`."""
    plane.backend.images[BROKEN] = succeed
    plane.traffic.broken.add(BROKEN)
    for model, image in (("old", IMAGE), ("new", IMAGE), ("bad", BROKEN)):
        plane.create_model(model, image)
        config_of(plane, model)
    plane.sm.create_endpoint(EndpointName="live", EndpointConfigName="old-4")
    assert plane.endpoint("live")["EndpointStatus"] == "InService"
    plane.traffic.calls.clear()
    plane.traffic.models.clear()
    return plane


Alarm = Callable[[str, str], None]


@pytest.fixture
def alarm(aws_url: str) -> Alarm:
    """Puts an alarm of this name into a state."""
    cloudwatch = client("cloudwatch", aws_url)

    def put(name: str, state: str) -> None:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Statistic="Average",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0.1,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test says so")

    return put


class TestBlueGreen:
    def test_a_canary_takes_its_share_and_then_everything(self, live: Harness) -> None:
        update(live, CANARY)
        endpoint = live.endpoint("live")
        assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "new-4")
        assert "FailureReason" not in endpoint
        assert "PendingDeploymentSummary" not in endpoint
        assert endpoint["LastDeploymentConfig"] == CANARY
        assert live.traffic.models == [{"old": 0.75, "new": 0.25}, {"new": 1.0}]
        calls = eventually(lambda: live.traffic.calls, lambda seen: len(seen) == 4)
        assert [call for call, _ in calls] == ["start", "route", "route", "stop"]

    def test_a_linear_deployment_takes_equal_steps(self, live: Harness) -> None:
        update(live, blue_green("LINEAR", LinearStepSize=ONE))
        assert live.endpoint("live")["EndpointConfigName"] == "new-4"
        assert [models.get("new") for models in live.traffic.models] == [0.25, 0.5, 0.75, 1.0]

    def test_shows_where_it_is_while_it_bakes(self, live: Harness) -> None:
        update(live, blue_green("CANARY", wait=3, CanarySize=ONE))
        eventually(lambda: stage(live), lambda seen: seen == "Baking")
        endpoint = live.sm.describe_endpoint(EndpointName="live")
        assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("Updating", "old-4")
        assert endpoint["PendingDeploymentSummary"]["EndpointConfigName"] == "new-4"
        with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
            live.sm.delete_endpoint(EndpointName="live")
        assert live.endpoint("live")["EndpointConfigName"] == "new-4"
        told = [status for kind, status in _events(live) if "Deployment" in kind]
        assert told == ["ActivatingTraffic", "Baking"] * 2

    def test_the_new_fleet_is_metered_by_its_config_too(self, live: Harness) -> None:
        update(live, CANARY)
        live.endpoint("live")
        ((running, _),) = live.traffic.serving["live"].variants
        assert running.metered_as == (None, "new-4")

    def test_returns_when_the_new_fleet_does_not_come_up(self, live: Harness) -> None:
        update(live, CANARY, "bad-4")
        endpoint = live.endpoint("live")
        assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "old-4")
        assert "did not pass the ping health check" in endpoint["FailureReason"]
        assert live.traffic.models == []

    def test_returns_when_it_takes_longer_than_it_may(
        self, live: Harness, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def impatient(*of: Any) -> Plan:
            return replace(plan(*of), timeout_seconds=0.2)

        monkeypatch.setattr("sagemaker_local.hosting.guarded_deployment.plan", impatient)
        update(live, blue_green("CANARY", wait=60, CanarySize=ONE))
        endpoint = live.endpoint("live")
        assert endpoint["EndpointConfigName"] == "old-4"
        assert "exceeded MaximumExecutionTimeoutInSeconds" in endpoint["FailureReason"]
        assert live.traffic.models[-1] == {"old": 1.0}

    def test_is_retained_for_the_next_update(self, live: Harness) -> None:
        update(live, CANARY)
        live.endpoint("live")
        live.traffic.models.clear()
        config_of(live, "old", 2)
        live.sm.update_endpoint(EndpointName="live", EndpointConfigName="old-2", RetainDeploymentConfig=True)
        assert live.endpoint("live")["EndpointConfigName"] == "old-2"
        assert live.traffic.models == [{"new": 0.5, "old": 0.5}, {"old": 1.0}]

    def test_without_one_the_next_update_is_all_at_once(self, live: Harness) -> None:
        update(live, CANARY)
        live.endpoint("live")
        live.traffic.models.clear()
        live.sm.update_endpoint(EndpointName="live", EndpointConfigName="old-4")
        live.endpoint("live")
        assert live.traffic.models == [{"old": 1.0}]

    def test_retains_instance_counts_and_counts_the_canary_by_them(self, live: Harness) -> None:
        desired = [{"VariantName": "main", "DesiredInstanceCount": 2}]
        live.sm.update_endpoint_weights_and_capacities(
            EndpointName="live", DesiredWeightsAndCapacities=desired
        )
        live.endpoint("live")
        live.traffic.models.clear()
        update(live, CANARY, RetainAllVariantProperties=True)
        (variants,) = [live.endpoint("live")["ProductionVariants"]]
        assert variants[0]["CurrentInstanceCount"] == 2
        assert live.traffic.models == [{"old": 0.5, "new": 0.5}, {"new": 1.0}]


class TestAlarms:
    def test_a_tripped_alarm_brings_the_old_config_back(self, live: Harness, alarm: Alarm) -> None:
        alarm("errors-trip", "OK")
        update(live, blue_green("CANARY", wait=3, alarms=("errors-trip",), CanarySize=ONE))
        eventually(lambda: stage(live), lambda seen: seen == "Baking")
        alarm("errors-trip", "ALARM")
        endpoint = live.endpoint("live")
        assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "old-4")
        assert "rolled back: alarm(s) errors-trip went into ALARM state" in endpoint["FailureReason"]
        assert endpoint["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]
        assert live.traffic.models == [{"old": 0.75, "new": 0.25}, {"old": 1.0}]
        assert live.traffic.calls[-1] == ("stop", "main")
        statuses = [status for kind, status in _events(live) if kind.endswith("Endpoint State Change")]
        assert statuses[-3:] == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]

    def test_quiet_alarms_let_the_deployment_through(self, live: Harness, alarm: Alarm) -> None:
        alarm("quiet", "OK")
        alarm("unsure", "INSUFFICIENT_DATA")
        update(live, blue_green("ALL_AT_ONCE", alarms=("quiet", "unsure")))
        assert live.endpoint("live")["EndpointConfigName"] == "new-4"

    def test_an_alarm_that_is_not_there_lets_nothing_through(self, live: Harness) -> None:
        update(live, blue_green("ALL_AT_ONCE", alarms=("never-made",)))
        endpoint = live.endpoint("live")
        assert endpoint["EndpointConfigName"] == "old-4"
        assert "never-made do not exist" in endpoint["FailureReason"]


class TestRolling:
    def test_the_old_fleet_shrinks_as_the_new_one_grows(self, live: Harness) -> None:
        update(live, rolling(2))
        assert live.endpoint("live")["EndpointConfigName"] == "new-4"
        resized = [change for call, change in live.traffic.calls if call == "resize"]
        assert resized == [("new", 2), ("old", 2), ("new", 4), ("old", 0)]
        assert live.traffic.models == [{"old": 0.5, "new": 0.5}, {"new": 1.0}]

    def test_goes_back_batch_by_batch(self, live: Harness, alarm: Alarm) -> None:
        alarm("errors-rolling", "OK")
        update(live, rolling(2, wait=1, alarms=("errors-rolling",), RollbackMaximumBatchSize=ONE))
        eventually(lambda: len(live.traffic.models), lambda steps: steps == 2)
        alarm("errors-rolling", "ALARM")
        assert "went into ALARM state" in live.endpoint("live")["FailureReason"]
        resized = [change for call, change in live.traffic.calls if call == "resize"]
        assert resized == [("new", 2), ("old", 2), ("new", 4), ("old", 3), ("old", 4)]
        assert live.traffic.models[-1] == {"old": 1.0}

    def test_serves_both_when_the_way_back_fails_too(self, live: Harness, alarm: Alarm) -> None:
        alarm("errors-stuck", "OK")
        update(live, rolling(2, wait=1, alarms=("errors-stuck",)))
        eventually(lambda: len(live.traffic.models), lambda steps: steps == 2)
        live.traffic.broken.add(IMAGE)
        alarm("errors-stuck", "ALARM")
        endpoint = eventually(
            lambda: live.sm.describe_endpoint(EndpointName="live"),
            lambda seen: seen["EndpointStatus"] == "UpdateRollbackFailed",
        )
        assert "no more instances come up" in endpoint["FailureReason"]
        live.traffic.broken.discard(IMAGE)
        live.sm.delete_endpoint(EndpointName="live")
        stops = eventually(
            lambda: [call for call, _ in live.traffic.calls if call == "stop"], lambda s: len(s) == 2
        )
        assert len(stops) == 2


class TestRefusals:
    def test_one_policy_at_a_time(self, live: Harness) -> None:
        with pytest.raises(ClientError, match=r"\(ValidationException\).*Only one update policy"):
            update(live, CANARY | rolling(2))

    def test_of_one_instance(self, live: Harness) -> None:
        config_of(live, "new", 1)
        with pytest.raises(ClientError, match="less than or equal to 50%"):
            update(live, CANARY, "new-1")
        assert live.sm.describe_endpoint(EndpointName="live")["EndpointStatus"] == "InService"

    def test_of_other_variant_names(self, live: Harness) -> None:
        live.create_config("renamed", {"new": 1})
        with pytest.raises(ClientError, match="must have the same variant name"):
            update(live, blue_green("ALL_AT_ONCE"), "renamed")
        with pytest.raises(ClientError, match="must have the same variant name"):
            update(live, auto_rollback(("quiet",)), "renamed")

    def test_an_empty_one_is_none(self, live: Harness) -> None:
        live.create_config("renamed", {"new": 1})
        update(live, {}, "renamed")
        assert live.endpoint("live")["EndpointConfigName"] == "renamed"

    def test_of_several_variants_rolling(self, live: Harness) -> None:
        live.create_config("two", {"old": 1, "new": 1})
        live.sm.create_endpoint(EndpointName="pair", EndpointConfigName="two")
        live.endpoint("pair")
        live.create_config("two-again", {"old": 1, "new": 1})
        with pytest.raises(ClientError, match="not supported for multi-variant"):
            live.sm.update_endpoint(
                EndpointName="pair", EndpointConfigName="two-again", DeploymentConfig=rolling(1)
            )

    def test_of_serverless_endpoints_rolling_or_by_instances(self, live: Harness) -> None:
        first, second = serverless_configs(live)
        live.sm.create_endpoint(EndpointName="cold", EndpointConfigName=first)
        live.endpoint("cold")
        for deployment, text in (
            (rolling(1), "RollingUpdatePolicy is not supported for serverless"),
            (CANARY, "CanarySize of a serverless endpoint needs the type CAPACITY_PERCENT"),
            (blue_green("CANARY", CanarySize=percent(51)), "found 51%"),
        ):
            with pytest.raises(ClientError, match=text):
                live.sm.update_endpoint(
                    EndpointName="cold", EndpointConfigName=second, DeploymentConfig=deployment
                )


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def serverless_configs(live: Harness) -> tuple[str, str]:
    """Two configs whose one serverless variant is called `main`."""
    for name, memory in (("sleeps", 1024), ("sleeps-more", 2048)):
        member = {
            "VariantName": "main",
            "ModelName": "new",
            "ServerlessConfig": {"MemorySizeInMB": memory, "MaxConcurrency": 1},
        }
        live.sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[member])
    return "sleeps", "sleeps-more"


@pytest.mark.parametrize(
    ("deployment", "shares"),
    [
        (blue_green("ALL_AT_ONCE"), [1.0]),
        (blue_green("CANARY", CanarySize=percent(30)), [0.3, 1.0]),
        (blue_green("LINEAR", LinearStepSize=percent(50)), [0.5, 1.0]),
    ],
    ids=["all at once", "canary", "linear"],
)
def test_a_serverless_endpoint_moves_blue_green_by_shares_of_its_traffic(
    live: Harness, deployment: dict[str, Any], shares: list[float]
) -> None:
    """Serverless endpoints are excluded from rolling deployments alone (Deployment guardrails, exclusions)."""
    first, second = serverless_configs(live)
    live.sm.create_endpoint(EndpointName="cold", EndpointConfigName=first, DeploymentConfig=deployment)
    live.endpoint("cold")
    seen = []
    live.traffic.set_route, told = lambda route: (seen.append(route), told(route))[1], live.traffic.set_route  # type: ignore[method-assign]
    live.sm.update_endpoint(EndpointName="cold", EndpointConfigName=second, DeploymentConfig=deployment)
    assert live.endpoint("cold")["EndpointConfigName"] == second
    new = [
        sum(weight for running, weight in route.variants if running.spec.serverless.memory_mb == 2048)
        for route in seen
    ]
    assert new == pytest.approx(shares)


def _events(harness: Harness) -> list[tuple[str, str]]:
    """The outbox: each event's kind, and the endpoint's status or the stage of its deployment."""
    with sqlite3.connect(harness.settings.data_dir / "plane.sqlite3") as database:
        entries = [json.loads(entry) for (entry,) in database.execute("SELECT entry FROM outbox ORDER BY id")]
    told = []
    for entry in entries:
        detail = json.loads(entry["Detail"])
        pending = detail.get("PendingDeploymentSummary")
        is_stage = "Deployment" in entry["DetailType"]
        stage = pending["ProductionVariants"][0]["VariantStatus"][0]["Status"] if is_stage else None
        told.append((entry["DetailType"], stage or detail["EndpointStatus"]))
    return told


def test_on_inf1_guardrails_are_ignored_and_all_traffic_shifts_at_once(live: Harness) -> None:
    """ "will fall back to using a blue/green deployment with all at once traffic shifting" (exclusions)."""
    config = config_of(live, "new", 3, InstanceType="ml.inf1.xlarge")
    update(live, blue_green("CANARY", wait=3600, alarms=("nobody",), CanarySize=ONE), config)
    found = live.endpoint("live")
    assert (found["EndpointConfigName"], found.get("FailureReason")) == (config, None)
