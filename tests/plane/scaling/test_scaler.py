"""Counts that move by what CloudWatch has of a policy's metric."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.plane.scaling.scaled import PLACE, RESOURCE, counts, register, track
from tests.plane.support.fakes import FakeBackend, FakeTraffic
from tests.plane.support.harness import Harness, client, eventually, serve, settings_in, variant


@pytest.fixture
def plane(tmp_path: Path, aws_url: str, backend: FakeBackend, traffic: FakeTraffic) -> Iterator[Harness]:
    """Its periods last a second."""
    settings = settings_in(tmp_path / "plane", aws_url, scaling_period_seconds=1.0)
    with serve(settings, backend, traffic) as harness:
        yield harness


@pytest.fixture
def cloudwatch(aws_url: str) -> Any:
    return client("cloudwatch", aws_url)


def says(cloudwatch: Any, metric: str, value: float, seconds: range, **dimensions: str) -> None:
    """The metric has this value in each of these seconds, counted from now."""
    now = int(time.time())
    cloudwatch.put_metric_data(
        Namespace="AWS/SageMaker",
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": text} for name, text in dimensions.items()],
                "Timestamp": datetime.fromtimestamp(now + second, UTC),
                "Value": value,
                "StorageResolution": 1,
            }
            for second in seconds
        ],
    )


def test_load_scales_out_and_silence_scales_in(live: Harness, cloudwatch: Any) -> None:
    register(live)
    says(cloudwatch, "InvocationsPerInstance", 5.0, range(-5, 6), EndpointName="live", VariantName="old")
    track(live, 150.0)  # 5 a second are 300 a minute, twice the goal
    assert eventually(lambda: counts(live), lambda found: found == {"old": 4})
    assert eventually(lambda: counts(live), lambda found: found == {"old": 1})


def test_a_policy_that_may_not_scale_in_holds_no_other_back(live: Harness) -> None:
    """It scales in where "all of the target tracking policies (with the scale-in portion enabled)" are ready."""
    register(live)
    metric = {"MetricName": "nobody-has-it", "Namespace": "own", "Statistic": "Average"}
    live.scaling.put_scaling_policy(
        **PLACE, ResourceId=RESOURCE, PolicyName="out-alone", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 5.0, "CustomizedMetricSpecification": metric, "DisableScaleIn": True,
        },
    )  # fmt: skip
    track(live, 150.0)
    assert eventually(lambda: counts(live), lambda found: found == {"old": 1})


def test_a_backlog_moves_an_asynchronous_endpoint_to_zero_and_back(live: Harness, cloudwatch: Any) -> None:
    asynchronous = {"OutputConfig": {"S3OutputPath": "s3://plane-tests/async"}}
    live.sm.create_endpoint_config(
        EndpointConfigName="async", ProductionVariants=[variant("old")], AsyncInferenceConfig=asynchronous
    )
    live.sm.update_endpoint(EndpointName="live", EndpointConfigName="async")
    counts(live)
    register(live, 0, 3)
    says(cloudwatch, "ApproximateBacklogSizePerInstance", 0.0, range(-20, 6), EndpointName="live")
    metric = {
        "MetricName": "ApproximateBacklogSizePerInstance",
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": "live"}],
        "Statistic": "Average",
    }
    config = {"TargetValue": 5.0, "CustomizedMetricSpecification": metric, "ScaleInCooldown": 0}
    live.scaling.put_scaling_policy(
        **PLACE, ResourceId=RESOURCE, PolicyName="backlog", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=config,
    )  # fmt: skip
    assert eventually(lambda: counts(live), lambda found: found == {"old": 0})
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        "Cooldown": 0,
    }
    policy = live.scaling.put_scaling_policy(
        **PLACE, ResourceId=RESOURCE, PolicyName="wake", PolicyType="StepScaling",
        StepScalingPolicyConfiguration=steps,
    )  # fmt: skip
    says(cloudwatch, "HasBacklogWithoutCapacity", 1.0, range(-5, 6), EndpointName="live")
    cloudwatch.put_metric_alarm(
        AlarmName="waits", Namespace="AWS/SageMaker", MetricName="HasBacklogWithoutCapacity",
        Dimensions=[{"Name": "EndpointName", "Value": "live"}], Statistic="Average", Period=1,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[policy["PolicyARN"]],
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName="waits", StateValue="ALARM", StateReason="a request waits")
    assert eventually(lambda: counts(live), lambda found: found["old"] > 0)
