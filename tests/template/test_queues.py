"""Queues and what takes from them: a burst of drops, an outage of hours and a slow dataset lose nothing."""

from typing import Any

import pytest

from switchyard.aws.retries import DELAYS_SECONDS
from tests.contract.cloudformation import resources, template
from tests.contract.iam import resolve
from tests.template.asynchronous import sources, timeout

QUEUES = resources("AWS::SQS::Queue")
SOURCES = {properties["Queue"]["Fn::GetAtt"][0]: (name, properties) for name, properties in sources("SQS")}
REDRIVEN = sorted(name for name in QUEUES if "RedrivePolicy" in QUEUES[name])
CLOCK = "LooksQueue"  # its messages come back on purpose, for as long as a rollout lasts


def test_every_queue_that_a_function_takes_from_gives_up_into_a_dead_letter_queue_but_the_clock() -> None:
    assert set(REDRIVEN) == set(SOURCES) - {CLOCK}


@pytest.mark.parametrize("queue", REDRIVEN)
def test_a_message_is_tried_often_enough_before_it_is_a_dead_letter(queue: str) -> None:
    """At least five times: a poll that Lambda throttles counts as one."""
    tries = QUEUES[queue]["RedrivePolicy"]["maxReceiveCount"]
    assert tries >= 5
    assert tries == len(DELAYS_SECONDS) + 1, "after each try but the last the message is put off once"


def test_a_fault_of_two_hours_makes_no_dead_letter() -> None:
    assert sum(DELAYS_SECONDS) > 2 * 3600
    assert list(DELAYS_SECONDS) == sorted(DELAYS_SECONDS)


@pytest.mark.parametrize("queue", sorted(SOURCES))
def test_a_message_is_not_seen_again_while_it_may_still_be_handled(queue: str) -> None:
    """Six times the function's timeout, as Lambda's guide asks of SQS event sources."""
    function, properties = SOURCES[queue]
    window = properties.get("MaximumBatchingWindowInSeconds", 0)
    assert QUEUES[queue]["VisibilityTimeout"] >= 6 * timeout(function) + window


@pytest.mark.parametrize("queue", sorted(SOURCES))
def test_one_message_at_a_time_may_take_the_whole_timeout(queue: str) -> None:
    """Any one message may need all of it (4 GiB of rows), so a second one in the batch would not be reached."""
    function, properties = SOURCES[queue]
    assert properties["BatchSize"] == 1, function


@pytest.mark.parametrize("queue", sorted(SOURCES))
def test_a_burst_does_not_take_the_account_s_concurrency_from_what_rolls_back(queue: str) -> None:
    allowed = resolve(SOURCES[queue][1].get("ScalingConfig", {}).get("MaximumConcurrency"))
    assert allowed is not None, "Lambda would add 300 executions a minute, up to the account's limit"
    assert 2 <= int(allowed) <= 20


def test_what_rolls_back_can_have_concurrency_of_its_own_and_small_accounts_deploy_without() -> None:
    """Lambda keeps 100 executions unreserved, which a new account may not have: so none are reserved by default."""
    parameter = template()["Parameters"]["ReservedConcurrency"]
    assert parameter["Default"] == 0
    wanted = {"Fn::If": ["ReservesConcurrency", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]}
    reserved = {
        name
        for name, function in resources("AWS::Serverless::Function").items()
        if function.get("ReservedConcurrentExecutions") == wanted
    }
    assert reserved == {
        "RestoreChampionFunction",
        "SettleRunFunction",
        "JudgeWindowFunction",
        "JobChangedFunction",
    }


def test_event_rules_are_let_in_by_their_own_arn() -> None:
    """As every example of EventBridge's guide does ("Using resource-based policies for EventBridge"); whether
    EventBridge sends aws:SourceAccount to a queue is said nowhere.
    """
    document = resources("AWS::SQS::QueuePolicy")["QueuePolicy"]["PolicyDocument"]
    let_in = {
        name: (statement["Condition"], statement["Principal"])
        for statement in document["Statement"]
        for name in _queues(statement["Resource"])
    }
    service = {"Service": "events.amazonaws.com"}
    for queue, rule in (("ArrivalQueue", "Arrival"), ("LabelQueue", "Label"), ("BatchQueue", "Batch")):
        condition = {"ArnLike": {"aws:SourceArn": {"Fn::GetAtt": [f"{rule}Rule", "Arn"]}}}
        assert let_in.pop(queue) == (condition, service)
    condition, principal = let_in.pop("EventDeadLetters")
    assert resolve(condition) == {
        "ArnLike": {"aws:SourceArn": "arn:aws:events:us-east-1:000000000000:rule/*"}
    }
    assert principal == service
    assert let_in == {}


def _queues(resource: Any) -> list[str]:
    listed = resource if isinstance(resource, list) else [resource]
    return [each["Fn::GetAtt"][0] for each in listed]


def test_every_rule_s_target_has_its_policy_and_a_dead_letter_queue() -> None:
    for name, rule in resources("AWS::Events::Rule").items():
        for target in rule["Targets"]:
            assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["EventDeadLetters", "Arn"]}}, name


def test_an_event_that_a_function_failed_on_three_times_is_kept() -> None:
    """An asynchronous invocation is tried twice more and then dropped, unless the function has a dead-letter queue."""
    kept = {
        name
        for name, function in resources("AWS::Serverless::Function").items()
        if function.get("DeadLetterQueue")
        == {"Type": "SQS", "TargetArn": {"Fn::GetAtt": ["EventDeadLetters", "Arn"]}}
    }
    assert kept == {name for name, _ in sources("EventBridgeRule")}


def test_the_delay_of_labels_is_one_that_a_queue_can_have() -> None:
    assert QUEUES["LabelQueue"]["DelaySeconds"] == {"Ref": "MetricLagSeconds"}
    assert template()["Parameters"]["MetricLagSeconds"]["MaxValue"] <= 900
