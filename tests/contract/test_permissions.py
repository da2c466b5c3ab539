"""Every boto3 call that a function makes is allowed by its role, and every action that a role grants is used.

The calls are those of whole runs with the real handlers, wiring and adapters (tests/contract/aws.py), on good days and
bad ones: a new handler gets a day in one of the days_of_*.py.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from functools import cache

import pytest

from tests.contract import (
    days_of_batch,
    days_of_failures,
    days_of_guardrails,
    days_of_jobs,
    days_of_runs,
    days_of_scaling,
    days_of_waiting,
)
from tests.contract.aws import Call, RecordedWorld, recorded
from tests.contract.cloudformation import ROOT, functions
from tests.contract.iam import Need, arn_of, needs, statements
from tests.contract.simulator import answers
from tests.fakes.faults import Faults

POLLER = "Lambda's poller takes the messages under the function's own role"
TOLD = "people know already, unless SageMaker had room for the first step and has none for the last"
FOUND_FAILED = "an endpoint that is found Failed before it was asked for is deleted first"
AT_A_LAP = "an update that fell back, and is found at a lap, fails its token"
LEFT_SCALED = "a target of ours that a run left on an endpoint which does not scale; the sweep plays it"
GRANTED_UNSEEN = {  # actions that no recorded run needs, with the reason why they stay
    "PromoteChallengerFunction": {"sns:Publish": TOLD, "states:SendTaskFailure": AT_A_LAP},
    "SettleRunFunction": {
        "application-autoscaling:DeregisterScalableTarget": LEFT_SCALED,
        "application-autoscaling:DescribeScalingPolicies": LEFT_SCALED,
    },
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
SERVICES: dict[str, list[str]] = json.loads((ROOT / "requirements/lambda/services.json").read_text())
Day = Callable[[RecordedWorld], None]
DAYS: list[Day] = [
    *days_of_runs.DAYS,
    *days_of_jobs.DAYS,
    *days_of_failures.DAYS,
    *days_of_batch.DAYS,
    *days_of_waiting.DAYS,
    *days_of_guardrails.DAYS,
    *days_of_scaling.DAYS,
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


def test_the_layer_knows_every_call() -> None:
    """Its botocore is cut to requirements/lambda/services.json."""
    known = {(service, operation) for service, listed in SERVICES.items() for operation in listed}
    assert {(call.service, call.operation) for call in calls()} <= known


@cache
def denied() -> dict[str, set[Need]]:
    """What each function asked for and may not do."""
    pairs = [(function, need) for function in sorted(functions()) for need in asked()[function]]
    granted = {function: [each.document() for each in statements(function)] for function in functions()}
    allowed = answers([need.of(*granted[function]) for function, need in pairs])
    found: dict[str, set[Need]] = defaultdict(set)
    for (function, need), is_allowed in zip(pairs, allowed, strict=True):
        found[function] |= set() if is_allowed else {need}
    return found


@pytest.mark.parametrize("function", sorted(functions()))
def test_what_a_function_asks_for_is_allowed(function: str) -> None:
    assert denied()[function] == set()


@pytest.mark.parametrize("function", sorted(functions()))
def test_what_a_function_is_granted_it_uses(function: str) -> None:
    granted = {action for statement in statements(function) for action in statement.actions}
    used = {need.action for need in asked()[function]}
    assert granted - used == set(GRANTED_UNSEEN.get(function, {}))


RUNS_OWN = {
    "StartAlphaFunction",
    "DeleteAlphaFunction",
}  # they delete endpoints of one run, which never scale


def test_who_deletes_a_live_endpoint_may_deregister_its_targets() -> None:
    """Recorded of DeleteEndpoint: "An Application AutoScaling scalable target exists for a variant being deleted, and
    the IAM identity used to invoke DeleteEndpoint does not have application-autoscaling:DeregisterScalableTarget".
    """

    def may(action: str) -> set[str]:
        return {name for name in functions() for each in statements(name) if action in each.actions}

    deletes = may("sagemaker:DeleteEndpoint") - RUNS_OWN
    assert deletes
    assert deletes <= may("application-autoscaling:DeregisterScalableTarget")


@cache
def idle() -> dict[str, set[tuple[str, str]]]:
    """(first action, resource) of what each function is granted and never touches."""
    grants = [
        (function, statement, pattern, need)
        for function in functions()
        for statement in statements(function)
        for pattern in statement.resources
        for need in asked()[function]
    ]
    used = answers([need.of(statement.document(pattern)) for _, statement, pattern, need in grants])
    touched = {(f, s.actions, p) for (f, s, p, _), is_used in zip(grants, used, strict=True) if is_used}
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for function, statement, pattern, _ in grants:
        unseen = set(statement.actions) <= set(GRANTED_UNSEEN.get(function, {}))
        if not unseen and (function, statement.actions, pattern) not in touched:
            found[function].add((statement.actions[0], pattern))
    return found


@pytest.mark.parametrize("function", sorted(functions()))
def test_each_resource_that_is_granted_is_touched(function: str) -> None:
    """No statement names a resource that none of its actions is ever used on."""
    assert idle()[function] == set()


WRITES = ("s3:PutObject", "s3:DeleteObject")


def written() -> set[tuple[str, str]]:
    """(function, pattern) of every place that a function may write in or delete from."""
    return {
        (function, pattern)
        for function in functions()
        for statement in statements(function)
        for pattern in statement.resources
        if set(statement.actions) & set(WRITES)
    }


def test_each_place_that_may_be_written_is_written_on_some_day() -> None:
    """Not merely read: what a statement grants beside writing does not count here."""
    used = {
        (function, need) for function in functions() for need in asked()[function] if need.action in WRITES
    }
    asks = [(place, need) for place in written() for function, need in used if function == place[0]]
    grants = [{"Effect": "Allow", "Action": need.action, "Resource": place[1]} for place, need in asks]
    allowed = answers([need.of(grant) for (_, need), grant in zip(asks, grants, strict=True)])
    touched = {place for (place, _), is_used in zip(asks, allowed, strict=True) if is_used}
    assert written() - touched == set()


@pytest.mark.parametrize("function", sorted(functions()))
def test_no_function_reads_or_writes_a_bucket_or_a_model_as_a_whole(function: str) -> None:
    """Each object that is granted lies in a folder, or is a file, that the pattern names."""
    objects = [
        pattern.split(":::")[1].partition("/")[2]
        for statement in statements(function)
        for pattern in statement.resources
        if ":::" in pattern and "/" in pattern
    ]
    named = [key.removeprefix("*/").split("/")[0] for key in objects]
    assert [key for key, first in zip(objects, named, strict=True) if "*" in first or not first] == []


def test_a_call_that_is_not_granted_would_be_seen() -> None:
    """The evaluator itself: another action, another name, another prefix, another service."""
    shift = [each.document() for each in statements("ShiftTrafficFunction")]
    endpoint = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/switchyard-digits"
    prepare = [each.document() for each in statements("PrepareDatasetFunction")]
    bucket = arn_of("ArtifactBucket")
    train, role = [each.document() for each in statements("StartTrainingFunction")], arn_of("TrainingRole")
    to = "iam:PassedToService"
    asked = [
        Need("sagemaker:UpdateEndpointWeightsAndCapacities", endpoint).of(*shift),
        Need("s3:PutObject", f"{bucket}/digits/prepared/r/train/part-0.csv").of(*prepare),
        Need("iam:PassRole", role, ((to, "sagemaker.amazonaws.com"),)).of(*train),
        Need("sagemaker:DeleteEndpoint", endpoint).of(*shift),
        Need("sagemaker:DescribeEndpoint", endpoint.replace("switchyard", "other")).of(*shift),
        Need("s3:PutObject", f"{bucket}/digits/decisions/r.json").of(*prepare),
        Need("iam:PassRole", role, ((to, "lambda.amazonaws.com"),)).of(*train),
        Need("iam:PassRole", role).of(*train),
    ]
    assert answers(asked) == [True] * 3 + [False] * 5
