"""Somebody is told of everything that fails where nobody waits for the answer."""

from typing import Any

import pytest

from tests.contract.cloudformation import machines, resources
from tests.template.asynchronous import asynchronous

ALARMS = resources("AWS::CloudWatch::Alarm")
QUEUES = resources("AWS::SQS::Queue")


def watched() -> set[tuple[str, str]]:
    """(metric, logical id of what it is of) of every alarm."""
    return set(map(_metric, ALARMS.values()))


def _metric(alarm: dict[str, Any]) -> tuple[str, str]:
    [value] = [each["Value"] for each in alarm["Dimensions"]]
    name = value.get("Ref") or value["Fn::GetAtt"][0]
    return str(alarm["MetricName"]), str(name)


@pytest.mark.parametrize("machine", sorted(machines()))
@pytest.mark.parametrize("metric", ["ExecutionsFailed", "ExecutionsTimedOut"])
def test_a_machine_that_fails_or_runs_out_of_time_is_told(machine: str, metric: str) -> None:
    assert (metric, machine) in watched()


@pytest.mark.parametrize("function", asynchronous())
@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_a_function_that_nobody_waits_for_is_watched(function: str, metric: str) -> None:
    assert (metric, function) in watched()


@pytest.mark.parametrize("queue", ["ArrivalDeadLetters", "EventDeadLetters"])
def test_a_dead_letter_is_told_when_it_comes_and_before_sqs_deletes_it(queue: str) -> None:
    assert ("ApproximateNumberOfMessagesVisible", queue) in watched()
    assert ("ApproximateAgeOfOldestMessage", queue) in watched()
    [age] = [a for a in ALARMS.values() if ("ApproximateAgeOfOldestMessage", queue) == _metric(a)]
    assert age["Threshold"] <= QUEUES[queue]["MessageRetentionPeriod"] / 2


@pytest.mark.parametrize("queue", sorted(name for name in QUEUES if "RedrivePolicy" in QUEUES[name]))
def test_messages_that_nobody_takes_are_told(queue: str) -> None:
    assert ("ApproximateAgeOfOldestMessage", queue) in watched()


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_reaches_people_and_says_what_it_means(name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == [{"Ref": "NoticesTopic"}]
    assert alarm["TreatMissingData"] == "notBreaching"
    assert len(alarm["AlarmDescription"]) > 20


def test_every_queue_is_watched_but_the_clock_of_rollouts_whose_function_is() -> None:
    told = {queue for metric, queue in watched() if metric == "ApproximateAgeOfOldestMessage"}
    assert set(QUEUES) - told == {"LooksQueue"}
