"""Every boto3 call that a function makes is allowed by its role, and every action that a role grants is used.

The calls are those of whole runs with the real handlers, wiring and adapters (tests/contract/aws.py), on good days and
bad ones.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache

import pytest

from tests.asl.project import of
from tests.contract.aws import Call, RecordedWorld, recorded
from tests.contract.cloudformation import functions, machines, template
from tests.contract.iam import Need, arn_of, is_allowed, needs, resolve, statements
from tests.fakes.faults import Faults
from tests.fakes.pipelines import text
from tests.fakes.world import ENDPOINT, GATE, dataset

POLLER = "Lambda's poller takes the messages under the function's own role"
GRANTED_UNSEEN = {  # actions that no recorded run needs, with the reason why they stay
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
STAR = {  # what knows no resource, by the Service Authorization Reference
    "states:SendTaskSuccess",
    "states:SendTaskFailure",
    "cloudwatch:GetMetricData",
    "cloudwatch:PutMetricData",
    "sagemaker:ListEndpoints",
    "sagemaker:ListEndpointConfigs",
    "sagemaker:ListModels",
    "ecr:GetAuthorizationToken",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
}


def run(world: RecordedWorld, *seeds: int) -> None:
    for seed in seeds:
        world.upload(seed)
    world.play()


class _Ending(set[str]):
    """All configs of challengers that end so."""

    def __init__(self, ending: str, champion: str = "none") -> None:
        super().__init__()
        self.ending, self.champion = ending, champion

    def __contains__(self, config: object) -> bool:
        return str(config).endswith(self.ending) and self.champion not in str(config)


def good_days(world: RecordedWorld) -> None:
    for seed in (1, 2, 3, 4):
        run(world, seed)


def a_crowd(world: RecordedWorld) -> None:
    run(world, 1)
    run(world, 2, 7, 8)


def bad_uploads(world: RecordedWorld) -> None:
    world.data.write("digits/train/folder/a.csv", dataset(1).encode())
    world.admission("digits/train/folder/a.csv")
    world.data.write("digits/train/folder/_SUCCESS", b"")
    world.admission("digits/train/folder/_SUCCESS")
    world.data.write("digits/train/ragged.csv", b"a,b,y\n1,2\n")
    world.admission("digits/train/ragged.csv")
    world.data.write("nobody/train/v1.csv", dataset(1).encode())
    world.admission("nobody/train/v1.csv")
    world.handle("admit_dataset", {"Records": [{"messageId": "m", "receiptHandle": "r", "body": "no JSON"}]})


def a_person_approves(world: RecordedWorld) -> None:
    """Once in time, once only a lap finds it, once never."""
    pipeline = text(evaluation=GATE, approval={"mode": "manual", "hours": 2})
    world.artifacts.write("digits/pipeline.yaml", pipeline.encode())
    for seed, status in ((1, "Approved"), (2, "Rejected")):
        world.upload(seed)
        while not any("Pending" in said for said in world.control.approvals.values()):
            assert world._go_on() or world._deliver() or world.control.settle()
        [arn] = [arn for arn, said in world.control.approvals.items() if "Pending" in said]
        while world._go_on() or world._deliver():
            pass
        if status == "Approved":
            world.control.approve(arn, status)
        else:  # its event is lost: a lap finds it
            world.control.approvals[arn] = status
        world.play()
    run(world, 3)


def a_run_by_hand(world: RecordedWorld) -> None:
    run(world, 1)
    request = {"model": "digits", "cause": "by hand", "identity": "1", "always": True}
    world.handle("admit_dataset", {"retrain": request})
    world.play()


def a_schedule_that_comes_and_goes(world: RecordedWorld) -> None:
    run(world, 1)
    text = world.artifacts.read("digits/pipeline.yaml")
    world.artifacts.write("digits/pipeline.yaml", text + b"schedule: {when: rate(1 day), always: true}\n")
    world.handle("run_schedules", {})
    world.clock.pass_(86_400)
    world.handle("run_schedules", {})
    world.play()
    world.artifacts.write("digits/pipeline.yaml", text)
    world.handle("run_schedules", {})


def an_operator_goes_back(world: RecordedWorld) -> None:
    """Five promotions, a way back, and a sweep that reaps what is no way back any more."""
    for seed in (1, 2, 5, 6, 7):
        run(world, seed)
    [champion] = [world.ledger.champion("digits")]
    assert champion is not None
    of_champion = world.ledger.run("digits", champion.run_id).to_dict()
    world._start("restore", "back", {"run": of_champion, "back": {"to": "", "reason": "complaints"}})
    world.play()


def the_input_drifts(world: RecordedWorld) -> None:
    text_before = world.artifacts.read("digits/pipeline.yaml")
    world.artifacts.write("digits/pipeline.yaml", text_before + b"drift: {minimum_rows: 100}\n")
    run(world, 1)
    now, variant = datetime.fromtimestamp(world.clock(), UTC), _names(world, 1)[0]
    given = {"observedContentType": "text/csv", "mode": "INPUT", "data": "900,-5", "encoding": "CSV"}
    record = json.dumps({"captureData": {"endpointInput": given}, "eventMetadata": {}, "eventVersion": "0"})
    key = f"digits/capture/{ENDPOINT}/{variant}/{now:%Y/%m/%d/%H/%M-%S}-000-a.jsonl"
    world.artifacts.write(key, "\n".join([record] * 200).encode())
    world.handle("check_drift", {})
    world.play()
    assert "drift" in {str(item["source"]) for item in world.ledger.runs("digits")}


def labels_come(world: RecordedWorld) -> None:
    """A rollout that waits for labels: files arrive, one with a bad line, and windows are joined."""
    metrics = {"errors": {"margin": 0.005}, "label_error": {"margin": 0.1, "maturity_seconds": 600}}
    rollout = {"metrics": metrics, "deadline_seconds": 7200.0, "silence_seconds": 3000.0}
    world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE, rollout=rollout).encode())
    run(world, 1)
    capture_now(world, _names(world, 1)[0])
    world.data.write("digits/labels/1.jsonl", b'{"inferenceId": "a", "label": 1}\nnonsense\n')
    detail = {"detail": {"object": {"key": "digits/labels/1.jsonl"}}}
    record = {"messageId": "m", "receiptHandle": "r", "body": json.dumps(detail)}
    world.handle("score_labels", {"Records": [record]})
    run(world, 2)


def capture_now(world: RecordedWorld, variant: str) -> None:
    """A captured request of this moment, as S3 dates it."""
    now = datetime.now(UTC)
    about = {"eventId": "e", "inferenceId": "a", "inferenceTime": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    output = {"observedContentType": "text/csv", "mode": "OUTPUT", "data": "0.9", "encoding": "CSV"}
    record = {"captureData": {"endpointOutput": output}, "eventMetadata": about, "eventVersion": "0"}
    key = f"digits/capture/{ENDPOINT}/{variant}/{now:%Y/%m/%d/%H/%M-%S}-000-a.jsonl"
    world.artifacts.write(key, json.dumps(record).encode())


CODE = {"training": {"kind": "script", "framework": "sklearn", "entry_point": "train.py"}}
SPARK = {"problem": "binary", "prepare": {"kind": "spark", "entry_point": "prepare.py"}}
DEPTH = {"parameters": {"max_depth": {"min": 2, "max": 6}}}


def other_ways_to_train(world: RecordedWorld) -> None:
    """A script, a table that is made first, a search: each undisturbed, then stopped while it is under way."""
    for file in ("train.py", "prepare.py"):
        world.artifacts.write(f"digits/code/{file}", b"print()")
    for seed, parts in ((1, CODE), (2, SPARK), (7, {"tuning": DEPTH})):
        world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE, **parts).encode())
        run(world, seed)
        world.upload(seed + 10)
        jobs = len(_jobs(world))
        while len(_jobs(world)) == jobs:
            assert world._go_on() or world._deliver()
        world.abort()
        world.play()


def a_holdout_through_transform_jobs(world: RecordedWorld) -> None:
    """Promoted twice, so that both models have a job; then many chunks; then stopped, by events and by the sweep."""
    for seed, how in ((1, "auto"), (2, "distributed")):
        parts = {**GATE, "via": "transform", "map": how}
        world.artifacts.write("digits/pipeline.yaml", text(evaluation=parts).encode())
        run(world, seed)
    for seed in (7, 8):
        world.upload(seed)
        transforms = len(world.control.transforms)
        while len(world.control.transforms) == transforms:
            assert world._go_on() or world._deliver() or world.control.settle()
        world.abort()
        if seed == 8:
            world.events.clear()
            world.handle("sweep", {})
        world.play()


def a_holdout_through_transform_jobs_at_once(world: RecordedWorld) -> None:
    at_once(world)
    for broken in (False, True):
        world.artifacts.write("digits/pipeline.yaml", text(evaluation={**GATE, "via": "transform"}).encode())
        world.control.broken_jobs = _Ending("-new") if broken else set()
        run(world, 1 + broken)


def other_ways_that_only_the_sweep_stops(world: RecordedWorld) -> None:
    for seed, parts in ((2, SPARK), (7, {"tuning": DEPTH})):
        world.artifacts.write("digits/code/prepare.py", b"print()")
        world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE, **parts).encode())
        world.upload(seed)
        jobs = len(_jobs(world))
        while len(_jobs(world)) == jobs:
            assert world._go_on() or world._deliver()
        world.abort()
        world.events.clear()
        world.handle("sweep", {})
        world.play()


def other_ways_at_once(world: RecordedWorld) -> None:
    at_once(world)
    world.artifacts.write("digits/code/prepare.py", b"print()")
    for seed, parts in ((2, SPARK), (7, {"tuning": DEPTH})):
        for broken in (False, True):
            world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE, **parts).encode())
            world.control.broken_jobs = _Every() if broken else set()
            run(world, seed + 10 * broken)


def other_ways_that_fail(world: RecordedWorld) -> None:
    world.control.broken_jobs = _Every()
    world.artifacts.write("digits/code/prepare.py", b"print()")
    for seed, parts in ((2, SPARK), (7, {"tuning": DEPTH})):
        world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE, **parts).encode())
        run(world, seed)


class _Every(set[str]):
    """All jobs."""

    def __contains__(self, _: object) -> bool:
        return True


def _jobs(world: RecordedWorld) -> list[str]:
    control = world.control
    return [*control.jobs, *control.tunings, *control.processings, *control.transforms]


def a_run_that_the_month_cannot_pay(world: RecordedWorld) -> None:
    """Refused when its turn comes, and refused at the door."""
    parts = {"training": {"max_runtime_seconds": 60}, "budget": {"monthly_usd": 0.07}}
    world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE, **parts).encode())
    world.control.billable = 6000
    run(world, 1, 2)
    run(world, 7)
    assert [world.states()[seed] for seed in (2, 7)] == ["ABORTED", "ABORTED"]


def a_failed_training(world: RecordedWorld) -> None:
    ensure = world.control.ensure_training

    def broken(names, *more):  # type: ignore[no-untyped-def]
        world.control.broken_jobs.add(names.training_job)
        ensure(names, *more)

    world.control.ensure_training = broken  # type: ignore[method-assign]
    run(world, 1)


def a_failed_challenger(world: RecordedWorld) -> None:
    run(world, 1)
    world.control.doomed = _Ending("-canary")
    run(world, 2)


def _names(world: RecordedWorld, seed: int) -> list[str]:
    import hashlib

    content = hashlib.sha256(dataset(seed).encode()).hexdigest()
    return [f"digits-{hashlib.sha256(content.encode()).hexdigest()[:12]}"]


def an_endpoint_that_breaks(world: RecordedWorld) -> None:
    """While nothing is under way: the sweep finds it, and the restore machine makes it anew."""
    run(world, 1)
    world.control.fail(ENDPOINT)
    world.play()


def an_endpoint_that_breaks_at_canary(world: RecordedWorld) -> None:
    run(world, 1)
    world.upload(2)
    while not world.looks:
        assert world._go_on() or world._deliver() or world.control.settle()
    world.control.fail(ENDPOINT)
    world.abort()
    world.play()


def a_lost_ledger(world: RecordedWorld) -> None:
    run(world, 1)
    for pk in ("MODEL#digits",):
        for item in world.ledger._items.query(pk):
            world.ledger._items.delete(pk, str(item["sk"]))
    world.handle("sweep", {"ledger_lost": True})


def struck(mode: str, at: int) -> Callable[[RecordedWorld], None]:
    def day(world: RecordedWorld) -> None:
        run(world, 1)
        offset = {"lost": world.faults.events, "aborted": world.faults.steps}[mode]
        world.faults.strikes = frozenset({(mode, offset + at)})
        run(world, 2)

    day.__name__ = f"{mode}_{at}"
    return day


def everything_is_lost(world: RecordedWorld) -> None:
    """No event of SageMaker or Step Functions ever arrives: laps and the sweep do it all."""
    world.faults.strikes = frozenset(("lost", at) for at in range(500))
    run(world, 1)
    run(world, 2)


def a_run_that_is_stopped_while_it_trains(world: RecordedWorld) -> None:
    world.faults.strikes = frozenset({("aborted", 0)})
    run(world, 1)


def a_stop_that_only_the_sweep_finds(world: RecordedWorld) -> None:
    world.upload(1)
    while not world.control.jobs:
        assert world._go_on() or world._deliver()
    world.abort()
    world.events.clear()
    world.handle("sweep", {})
    world.play()


def a_start_that_never_was(world: RecordedWorld) -> None:
    world.upload(1)
    assert world._deliver()
    world.executions.clear()
    world.play()


def at_once(world: RecordedWorld) -> None:
    """Whatever is asked of SageMaker is done, or has failed, before anybody looks."""
    for name in (
        "ensure_processing",
        "ensure_transform",
        "ensure_tuning",
        "ensure_training",
        "ensure_endpoint",
        "set_weights",
        "delete_endpoint",
    ):
        setattr(world.control, name, _settling(world, getattr(world.control, name)))


def _settling(world: RecordedWorld, real: Callable[..., None]) -> Callable[..., None]:
    def settled(*arguments: object, **named: object) -> None:
        real(*arguments, **named)
        world.control.settle()

    return settled


def all_well_at_once(world: RecordedWorld) -> None:
    at_once(world)
    for seed in (1, 2, 3):
        run(world, seed)


def a_training_that_fails_at_once(world: RecordedWorld) -> None:
    at_once(world)
    a_failed_training(world)


def configs_that_fail_at_once(world: RecordedWorld) -> None:
    at_once(world)
    run(world, 1)
    [champion] = _names(world, 1)
    for seed, ending in ((2, "-alpha"), (7, "-canary"), (8, "-full")):
        world.control.doomed = _Ending(ending, champion)
        run(world, seed)


def configs_that_fail_unseen(world: RecordedWorld) -> None:
    """A lap finds the failed endpoint, deletes it and makes it anew."""
    world.faults.strikes = frozenset(("lost", at) for at in range(200))
    for seed, ending in ((1, "-alpha"), (2, "-full")):
        world.control.doomed = _Ending(ending)
        run(world, seed)


def weights_that_break_the_endpoint(world: RecordedWorld) -> None:
    at_once(world)
    run(world, 1)
    real = world.control.set_weights

    def breaks(name: str, weights: object) -> None:
        real(name, weights)  # type: ignore[arg-type]
        world.control.fail(name)

    world.control.set_weights = breaks  # type: ignore[method-assign,assignment]
    run(world, 2)


def a_way_back_that_is_barred_at_once(world: RecordedWorld) -> None:
    at_once(world)
    run(world, 1)
    world.upload(3)
    while not world.looks:
        assert world._go_on() or world._deliver()
    world.control.doomed = {f"switchyard-{name}-full" for name in _names(world, 1)}
    for _ in range(60):
        world._go_on() or world._deliver() or world._look()
    world.control.doomed = set()
    world.play()


def batch_drops(world: RecordedWorld) -> None:
    """Before the first champion, by folder, sound, bad, twice, and one that is stopped."""
    world.drop_batch(10)
    run(world, 1)
    for key, body in (
        ("w/a.csv", b"a,b\n1,2\n"),
        ("w/b.csv", b"a,b\n1\n"),
        ("w/_SUCCESS", b""),
        ("c.csv", b"a\n"),
    ):
        world.data.write(f"digits/batch/{key}", body)
        world.arrive(f"digits/batch/{key}")
        world.play()
    world.drop_batch(11)
    world.drop_batch(11)
    world.play()


def batch_drops_that_break(world: RecordedWorld) -> None:
    """Two are stopped while their jobs run, one of them unseen; one fails, one never starts."""
    run(world, 1)
    for seed in (11, 14):
        world.drop_batch(seed)
        jobs = len(world.control.transforms)
        while len(world.control.transforms) == jobs:
            assert world._go_on() or world._deliver()
        world.abort()
        if seed == 14:
            world.events.clear()
            world.handle("sweep", {})
        while world._deliver():
            pass
        world.play()
    at_once(world)
    world.control.broken_jobs = _Ending("-batch")
    world.drop_batch(12)
    assert world._deliver()
    world.executions.clear()
    world.play()
    world.control.broken_jobs = set()
    world.drop_batch(13)
    world.play()


def a_batch_model(world: RecordedWorld) -> None:
    world.declare(deployment={"mode": "batch"})
    run(world, 1)
    run(world, 2)


PAIRED = {
    "strategy": "paired",
    "metrics": {"errors": {"margin": 0.3}, "label_error": {"margin": 0.1, "maturity_seconds": 600}},
    "deadline_seconds": 3600.0,
    "id_column": "b",
}


def a_batch_model_on_drops_and_labels(world: RecordedWorld) -> None:
    """Promoted by the labels of a drop that names its rows; then one whose job breaks."""
    world.declare(rollout=PAIRED, deployment={"mode": "batch"})
    run(world, 1)
    for seed in (2, 5):
        world.control.broken_jobs = _Ending("-rival") if seed == 5 else set()
        world.upload(seed)
        while not world.looks:
            assert world._go_on() or world._deliver() or world.control.settle()
        world.drop_batch(seed + 20, 120)
        while world._go_on() or world._deliver() or world.control.settle():
            pass
        world.label_batch(seed + 20, 1)
        lines = [json.dumps({"inferenceId": str(row), "label": row % 2}) for row in range(120)]
        world.data.write(f"digits/labels/by-b-{seed}.jsonl", "\n".join(lines).encode())
        world.play()


DAYS = [
    batch_drops,
    a_batch_model_on_drops_and_labels,
    batch_drops_that_break,
    a_batch_model,
    a_run_that_is_stopped_while_it_trains,
    a_stop_that_only_the_sweep_finds,
    a_start_that_never_was,
    all_well_at_once,
    a_training_that_fails_at_once,
    configs_that_fail_at_once,
    configs_that_fail_unseen,
    weights_that_break_the_endpoint,
    a_way_back_that_is_barred_at_once,
    good_days,
    a_crowd,
    bad_uploads,
    a_person_approves,
    a_run_by_hand,
    labels_come,
    the_input_drifts,
    a_schedule_that_comes_and_goes,
    an_operator_goes_back,
    other_ways_to_train,
    a_holdout_through_transform_jobs,
    a_holdout_through_transform_jobs_at_once,
    other_ways_that_only_the_sweep_stops,
    other_ways_that_fail,
    other_ways_at_once,
    a_run_that_the_month_cannot_pay,
    a_failed_training,
    a_failed_challenger,
    an_endpoint_that_breaks,
    an_endpoint_that_breaks_at_canary,
    a_lost_ledger,
    everything_is_lost,
    *(struck("aborted", at) for at in (1, 2, 5, 7, 9)),
]


@cache
def calls() -> tuple[Call, ...]:
    """What every function asked of AWS, on all these days."""
    made: list[Call] = []
    for day in DAYS:
        world = RecordedWorld(Faults())
        world.bad_live, world.bad_offline = {3}, {4}
        with recorded(world) as recorder:
            day(world)
            made += recorder.calls
    return tuple(made)


@cache
def asked() -> dict[str, set[Need]]:
    found: dict[str, set[Need]] = defaultdict(set)
    for call in calls():
        found[call.function] |= set(needs(call.service, call.operation, call.parameters, call.was_missing))
    return found


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
            is_allowed([statement], need.action, need.resource) and _matches(pattern, need.resource)
            for need in asked()[function]
        )
        and not set(statement.actions) <= set(GRANTED_UNSEEN.get(function, {}))
    ]
    assert idle == []


def _matches(pattern: str, resource: str) -> bool:
    from fnmatch import fnmatchcase

    return fnmatchcase(resource, pattern)


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


# shapes of the policies


def every_statement() -> Iterator[tuple[str, dict[str, object]]]:
    for name, body in template()["Resources"].items():
        for policy in body.get("Properties", {}).get("Policies", []):
            document = policy.get("PolicyDocument", policy)
            for statement in document["Statement"]:
                yield name, statement


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def test_no_action_has_a_wildcard() -> None:
    assert [(n, a) for n, s in every_statement() for a in _list(s["Action"]) if "*" in str(a)] == []


def test_nothing_is_denied_or_inverted() -> None:
    """Allow, Action and Resource alone: what is written is what is granted."""
    shapes = {frozenset(s) - {"Sid", "Condition"} for _, s in every_statement()}
    assert shapes == {frozenset({"Effect", "Action", "Resource"})}


def test_only_what_knows_no_resource_has_all_of_them() -> None:
    found = {
        a for _, s in every_statement() if "*" in _list(resolve(s["Resource"])) for a in _list(s["Action"])
    }
    assert found <= STAR


def test_what_knows_no_resource_stands_in_a_statement_of_its_own() -> None:
    for name, statement in every_statement():
        actions = set(map(str, _list(statement["Action"])))
        assert not actions & STAR or actions <= STAR, name


def test_a_role_is_passed_to_sagemaker_alone_and_it_is_one_role() -> None:
    passes = [(n, s) for n, s in every_statement() if "iam:PassRole" in _list(s["Action"])]
    assert {name for name, _ in passes} == {
        "StartPreparationFunction",
        "StartTuningFunction",
        "StartTrainingFunction",
        "StartAlphaFunction",
        "PrepareTransformFunction",
    }
    for name, statement in passes:
        assert statement["Action"] == "iam:PassRole", name
        assert statement["Resource"] in (
            {"Fn::GetAtt": ["ProcessingRole", "Arn"]},
            {"Fn::GetAtt": ["TrainingRole", "Arn"]},
            {"Fn::GetAtt": ["HostingRole", "Arn"]},
        )
        assert statement["Condition"] == {
            "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}
        }, name


def test_the_uploaders_bucket_is_written_by_nobody_of_ours() -> None:
    data = arn_of("DataBucket")
    writers = [
        n
        for n in functions()
        for s in statements(n)
        if s.allows("s3:PutObject", f"{data}/digits/train/x.csv")
    ]
    assert writers == []


def test_only_preparing_writes_holdouts_and_only_admission_snapshots() -> None:
    bucket = arn_of("ArtifactBucket")

    def writers(key: str) -> set[str]:
        return {n for n in functions() for s in statements(n) if s.allows("s3:PutObject", f"{bucket}/{key}")}

    assert writers("digits/holdout/holdout.csv") <= {"PrepareDatasetFunction", "AdmitDatasetFunction"}
    assert writers("digits/snapshots/0/data/a.csv") == {"AdmitDatasetFunction"}
    assert writers("digits/decisions/r.json") <= {
        "CrownFormerFunction",
        "SettleRunFunction",
        "SweepFunction",
        "AdmitDatasetFunction",
    }


def test_no_managed_policy_is_attached() -> None:
    for name, body in template()["Resources"].items():
        properties = body.get("Properties", {})
        assert "ManagedPolicyArns" not in properties, name
        assert all(isinstance(policy, dict) for policy in properties.get("Policies", [])), name


@pytest.mark.parametrize("machine", sorted(machines()))
def test_a_machine_may_invoke_what_it_names_and_nothing_else(machine: str) -> None:
    given = machines()[machine]["DefinitionSubstitutions"]
    wanted = {str(resolve(value)) for name, value in given.items() if name.endswith("FunctionArn")}
    granted = {r for s in statements(machine) if "lambda:InvokeFunction" in s.actions for r in s.resources}
    assert granted == wanted


@pytest.mark.parametrize("machine", sorted(machines()))
def test_a_machine_may_start_watch_and_stop_its_children_and_nothing_else(machine: str) -> None:
    """startExecution.sync needs all three, and the rule by which Step Functions hears of the child's end."""
    given = machines()[machine]["DefinitionSubstitutions"]
    children = {str(resolve(value)) for name, value in given.items() if name.endswith("MachineArn")}
    found = {
        (a, r) for s in statements(machine) for a in s.actions if a.startswith("states:") for r in s.resources
    }
    wanted = {("states:StartExecution", child) for child in children}
    for child in children:
        executions = child.replace(":stateMachine:", ":execution:") + ":*"
        wanted |= {("states:DescribeExecution", executions), ("states:StopExecution", executions)}
    if any("ItemReader" in state for _, state in of(machines()[machine]).states()):
        # A Distributed Map starts executions of its own machine: "IAM policies for Distributed Map states".
        own = arn_of(machine)
        parts = own.replace(":stateMachine:", ":execution:") + "/*"
        wanted |= {("states:StartExecution", own)}
        wanted |= {("states:DescribeExecution", parts), ("states:StopExecution", parts)}
    assert found == wanted
    needs_rule = any(
        "startExecution.sync" in str(s.get("Resource")) for _, s in of(machines()[machine]).states()
    )
    assert needs_rule == any("events:PutRule" in s.actions for s in statements(machine))
