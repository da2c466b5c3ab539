"""FakeAlarms and CloudWatchAlarms, on moto, go through the same cases."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from switchyard.aws.alarms import CloudWatchAlarms
from switchyard.core.ports import Alarms
from switchyard.core.resources.guardrails import Alarm
from tests.fakes.flow import FakeAlarms
from tests.quick_moto import mock_aws

ERRORS = Alarm(
    "switchyard-digits-r-errors",
    "Invocation5XXErrors",
    "Sum",
    5.0,
    "switchyard-digits",
    "digits-older",
    "switchyard-digits-r-full",
    60,
)


@pytest.fixture
def cloudwatch() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("cloudwatch", "us-east-1")


@pytest.fixture(params=["fake", "cloudwatch"])
def alarms(request: pytest.FixtureRequest, cloudwatch: Any) -> Alarms:
    return FakeAlarms() if request.param == "fake" else CloudWatchAlarms(cloudwatch)


def test_alarms_are_found_by_the_beginning_of_their_names(alarms: Alarms) -> None:
    assert list(alarms.names("switchyard-digits-")) == []
    for name in ("switchyard-digits-r-errors", "switchyard-digits-r-latency", "switchyard-churn-r-errors"):
        alarms.put(replace(ERRORS, name=name))
    alarms.put(ERRORS)
    assert sorted(alarms.names("switchyard-digits-")) == [
        "switchyard-digits-r-errors",
        "switchyard-digits-r-latency",
    ]


def test_an_alarm_is_deleted_once_and_what_is_gone_stays_gone(alarms: Alarms) -> None:
    alarms.put(ERRORS)
    for _ in range(2):
        alarms.delete(ERRORS.name)
    assert list(alarms.names("switchyard-")) == []


def test_more_alarms_than_a_page(alarms: Alarms) -> None:
    for number in range(120):
        alarms.put(replace(ERRORS, name=f"switchyard-digits-{number:03}-errors"))
    assert len(alarms.names("switchyard-digits-")) == 120


def test_an_alarm_watches_the_new_fleet_alone_and_silence_is_no_alarm(cloudwatch: Any) -> None:
    CloudWatchAlarms(cloudwatch).put(ERRORS)
    [found] = cloudwatch.describe_alarms(AlarmNames=[ERRORS.name])["MetricAlarms"]
    assert {d["Name"]: d["Value"] for d in found["Dimensions"]} == {
        "EndpointName": "switchyard-digits",
        "VariantName": "digits-older",
        "EndpointConfigName": "switchyard-digits-r-full",
    }
    assert (found["Namespace"], found["MetricName"], found["Statistic"]) == (
        "AWS/SageMaker",
        "Invocation5XXErrors",
        "Sum",
    )
    assert (found["Period"], found["EvaluationPeriods"], found["Threshold"]) == (60, 1, 5.0)
    assert (found["ComparisonOperator"], found["TreatMissingData"]) == (
        "GreaterThanThreshold",
        "notBreaching",
    )
