"""Every boto3 call that a function makes is allowed by its role, and every action that a role grants is used.

The calls are those of whole runs with the real handlers, wiring and adapters (tests/contract/aws.py), on good days and
bad ones: a new handler gets a day in one of the days_of_*.py.
"""

from collections import defaultdict
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import cache

import pytest

from tests.contract import (
    days_of_batch,
    days_of_failures,
    days_of_guardrails,
    days_of_jobs,
    days_of_runs,
    days_of_waiting,
)
from tests.contract.aws import Call, RecordedWorld, recorded
from tests.contract.cloudformation import functions
from tests.contract.iam import Need, arn_of, is_allowed, needs, statements
from tests.fakes.faults import Faults

POLLER = "Lambda's poller takes the messages under the function's own role"
TOLD = "people know already, unless SageMaker had room for the first step and has none for the last"
FOUND_FAILED = "an endpoint that is found Failed before it was asked for is deleted first"
AT_A_LAP = "an update that fell back, and is found at a lap, fails its token"
GRANTED_UNSEEN = {  # actions that no recorded run needs, with the reason why they stay
    "PromoteChallengerFunction": {"sns:Publish": TOLD, "states:SendTaskFailure": AT_A_LAP},
    "RestoreChampionFunction": {"states:SendTaskFailure": AT_A_LAP},
    "StartAlphaFunction": {"sagemaker:DeleteEndpoint": FOUND_FAILED},
    "StartRolloutFunction": {"sagemaker:DeleteEndpoint": FOUND_FAILED},
    "AdmitDatasetFunction": {
        "sqs:ReceiveMessage": POLLER,
        "sqs:DeleteMessage": POLLER,
        "sqs:GetQueueAttributes": POLLER,
    },
    "ScoreLabelsFunction": {
        "sqs:ReceiveMessage": POLLER,
        "sqs:DeleteMessage": POLLER,
        "sqs:GetQueueAttributes": POLLER,
    },
    "AdmitBatchFunction": {
        "sqs:ReceiveMessage": POLLER,
        "sqs:DeleteMessage": POLLER,
        "sqs:GetQueueAttributes": POLLER,
    },
    "JudgeWindowFunction": {
        "sqs:ReceiveMessage": POLLER,
        "sqs:DeleteMessage": POLLER,
        "sqs:GetQueueAttributes": POLLER,
    },
}
Day = Callable[[RecordedWorld], None]
DAYS: list[Day] = [
    *days_of_runs.DAYS,
    *days_of_jobs.DAYS,
    *days_of_failures.DAYS,
    *days_of_batch.DAYS,
    *days_of_waiting.DAYS,
    *days_of_guardrails.DAYS,
]


@cache
def played(day: Day) -> tuple[Call, ...] | Exception:
    """What every function asked of AWS that day, or why it broke: no other test plays it again."""
    world = RecordedWorld(Faults())
    world.bad_live, world.bad_offline = {3}, {4}
    try:
        with recorded(world) as recorder:
            day(world)
    except Exception as broken:
        return broken
    return tuple(recorder.calls)


def calls() -> tuple[Call, ...]:
    """Of all days that did not break."""
    days = map(played, DAYS)
    return tuple(call for made in days if not isinstance(made, Exception) for call in made)


@cache
def asked() -> dict[str, set[Need]]:
    found: dict[str, set[Need]] = defaultdict(set)
    for call in calls():
        found[call.function] |= set(needs(call.service, call.operation, call.parameters, call.was_missing))
    return found


@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.__name__)
def test_a_day_goes_as_it_should(day: Day) -> None:
    made = played(day)
    if isinstance(made, Exception):
        raise made
    assert made


def test_every_function_was_at_work() -> None:
    assert set(asked()) == set(functions())


@pytest.mark.parametrize("function", sorted(functions()))
def test_what_a_function_asks_for_is_allowed(function: str) -> None:
    granted = statements(function)
    denied = {need for need in asked()[function] if not is_allowed(granted, need.action, need.resource)}
    assert denied == set()


@pytest.mark.parametrize("function", sorted(functions()))
def test_what_a_function_is_granted_it_uses(function: str) -> None:
    granted = {action for statement in statements(function) for action in statement.actions}
    used = {need.action for need in asked()[function]}
    assert granted - used == set(GRANTED_UNSEEN.get(function, {}))


@pytest.mark.parametrize("function", sorted(functions()))
def test_each_resource_that_is_granted_is_touched(function: str) -> None:
    """No statement names a resource that none of its actions is ever used on."""
    idle = [
        (pattern, statement.actions)
        for statement in statements(function)
        for pattern in statement.resources
        if not any(
            is_allowed([statement], need.action, need.resource) and fnmatchcase(need.resource, pattern)
            for need in asked()[function]
        )
        and not set(statement.actions) <= set(GRANTED_UNSEEN.get(function, {}))
    ]
    assert idle == []


def test_a_call_that_is_not_granted_would_be_seen() -> None:
    """The evaluator itself: another action, another bucket, another prefix."""
    granted = statements("ShiftTrafficFunction")
    endpoint = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/switchyard-digits"
    assert is_allowed(granted, "sagemaker:UpdateEndpointWeightsAndCapacities", endpoint)
    assert not is_allowed(granted, "sagemaker:DeleteEndpoint", endpoint)
    assert not is_allowed(granted, "sagemaker:DescribeEndpoint", endpoint.replace("switchyard", "other"))
    prepare = statements("PrepareDatasetFunction")
    bucket = arn_of("ArtifactBucket")
    assert is_allowed(prepare, "s3:PutObject", f"{bucket}/digits/prepared/r/train/part-0.csv")
    assert not is_allowed(prepare, "s3:PutObject", f"{bucket}/digits/decisions/r.json")
