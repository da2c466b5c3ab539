"""The adapter and the fake of ports.Autoscaling, on the local SageMaker and on the fake one, with the same cases."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from switchyard.aws.autoscaling import ApplicationAutoscaling
from switchyard.aws.containers import Roles
from switchyard.aws.sagemaker import SageMakerControl
from switchyard.core.pipeline import Scaling
from switchyard.core.ports import Autoscaling, Control, Variant
from switchyard.core.resources.scaling import instance_counts, is_kept
from tests.fakes.flow import FakeAutoscaling
from tests.fakes.pipelines import pipeline
from tests.fakes.sagemaker import FakeControl
from tests.plane.support.fakes import FakeBackend, FakeTraffic, succeed
from tests.plane.support.harness import ROLE, eventually, serve, settings_in

REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"
ARTIFACT = "s3://artifacts/digits/models/j/output/model.tar.gz"
SCALING, ZERO = Scaling(2, 8, 600.0), Scaling(0, 8, 5.0)


@dataclass
class Alarms:
    """CloudWatch as far as the adapter asks it."""

    made: list[dict[str, Any]] = field(default_factory=list)

    def put_metric_alarm(self, **alarm: Any) -> None:
        self.made.append(alarm)


@dataclass
class Subject:
    control: Control
    scaling: Autoscaling
    alarms: Alarms = field(default_factory=Alarms)

    def serves(self, config: str, *variants: Variant, mode: str = "realtime") -> None:
        """The endpoint `live` is in service by this config."""
        served = pipeline(deployment={"mode": mode})
        for each in variants:
            self.control.ensure_model(each.sagemaker_model, served, ARTIFACT)
        self.control.ensure_config(config, served, variants, "s3://artifacts/digits")
        self.control.ensure_endpoint("live", config)
        eventually(self._is_settled)

    def _is_settled(self) -> bool:
        if isinstance(self.control, FakeControl):
            self.control.settle()
        return (self.control.describe_endpoint("live") or {}).get("EndpointStatus") == "InService"


@pytest.fixture(params=["fake", "plane"])
def subject(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Subject]:
    if request.param == "fake":
        fake = FakeControl()
        yield Subject(fake, FakeAutoscaling(fake))
        return
    backend = FakeBackend()
    backend.images[f"{REGISTRY}/switchyard-xgboost:1"] = succeed
    with serve(settings_in(tmp_path, "http://127.0.0.1:9"), backend, FakeTraffic()) as harness:
        alarms = Alarms()
        control = SageMakerControl(harness.sm, Roles(ROLE, ROLE, REGISTRY, ROLE))
        scaling = ApplicationAutoscaling(harness.scaling, alarms, "switchyard")  # type: ignore[arg-type]
        yield Subject(control, scaling, alarms)


OLD, NEW = Variant("old", "switchyard-old", 100.0, 3), Variant("new", "switchyard-new", 10.0, 2)


def test_a_target_is_kept_shown_and_let_go(subject: Subject) -> None:
    subject.serves("one", OLD)
    subject.scaling.keep("live", "old", "realtime", SCALING)
    [target] = subject.scaling.targets("live")
    assert is_kept(target, "switchyard", "realtime", SCALING)
    subject.scaling.keep("live", "old", "realtime", Scaling(1, 4, 50.0, 10, 20))
    assert is_kept(subject.scaling.targets("live")[0], "switchyard", "realtime", Scaling(1, 4, 50.0, 10, 20))
    for _ in range(2):
        subject.scaling.release("live", "old")
    assert list(subject.scaling.targets("live")) == []


def test_targets_are_those_of_one_endpoint(subject: Subject) -> None:
    subject.serves("one", OLD)
    subject.scaling.keep("live", "old", "realtime", SCALING)
    assert list(subject.scaling.targets("liv")) == []


def test_a_backlog_from_zero_has_a_second_policy(subject: Subject) -> None:
    subject.serves("one", OLD, mode="async")
    subject.scaling.keep("live", "old", "async", ZERO)
    [target] = subject.scaling.targets("live")
    assert is_kept(target, "switchyard", "async", ZERO)
    for alarm in subject.alarms.made:
        assert alarm["AlarmName"] == "live-wake"
        assert "switchyard-wake" in alarm["AlarmActions"][0]


def test_a_variant_that_is_a_target_is_not_removed(subject: Subject) -> None:
    subject.serves("both", OLD, NEW)
    subject.scaling.keep("live", "old", "realtime", SCALING)
    alone = [Variant("new", "switchyard-new", 100.0)]
    subject.control.ensure_config("alone", pipeline(), alone, "s3://artifacts/digits")
    with pytest.raises(ClientError, match="scalable target"):
        subject.control.ensure_endpoint("live", "alone")
    subject.scaling.release("live", "old")
    subject.serves("alone", *alone)


def test_a_variant_that_stays_keeps_its_count_and_a_step_sets_another(subject: Subject) -> None:
    subject.serves("one", OLD)
    subject.serves("both", Variant("old", "switchyard-old", 90.0, 1), NEW)
    assert instance_counts(subject.control.describe_endpoint("live")) == {"old": 3, "new": 2}
    subject.control.set_weights("live", {"old": 50.0, "new": 50.0}, {"new": 4})
    eventually(subject._is_settled)
    assert instance_counts(subject.control.describe_endpoint("live")) == {"old": 3, "new": 4}
