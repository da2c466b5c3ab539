"""Days on which data, people, schedules and drift set runs going, and all is well with SageMaker."""

import json
from datetime import UTC, datetime

from tests.contract.aws import RecordedWorld, plain
from tests.contract.moves import at_once, capture_now, names_of, run
from tests.fakes.messages import created, message
from tests.fakes.pipelines import text
from tests.fakes.turns import ENDPOINT
from tests.fakes.world import GATE, dataset


def good_days(world: RecordedWorld) -> None:
    for seed in (1, 2, 3, 4):
        run(world, seed)


def all_well_at_once(world: RecordedWorld) -> None:
    at_once(world)
    for seed in (1, 2, 3):
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
    world.handle("admit_dataset", message("m", "no JSON"))


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
    now, variant = datetime.fromtimestamp(world.clock(), UTC), names_of(world, 1)[0]
    given = {"observedContentType": "text/csv", "mode": "INPUT", "data": "900,-5", "encoding": "CSV"}
    record = json.dumps({"captureData": {"endpointInput": given}, "eventMetadata": {}, "eventVersion": "0"})
    key = f"_capture/{ENDPOINT}/{variant}/{now:%Y/%m/%d/%H/%M-%S}-000-a.jsonl"
    world.artifacts.write(key, "\n".join([record] * 200).encode())
    world.handle("check_drift", {})
    world.play()
    assert "drift" in {str(item["source"]) for item in world.ledger.runs("digits")}


def labels_come(world: RecordedWorld) -> None:
    """A rollout that waits for labels: a file comes before the model, one has a bad line; windows are joined."""
    metrics = {"errors": {"margin": 0.005}, "label_error": {"margin": 0.1, "maturity_seconds": 600}}
    rollout = {"metrics": metrics, "deadline_seconds": 7200.0, "silence_seconds": 3000.0}
    world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE, rollout=rollout).encode())
    world.data.write("digits/labels/0.jsonl", b'{"inferenceId": "a", "label": 1}\n')
    world.handle("score_labels", created("digits/labels/0.jsonl"))
    run(world, 1)
    capture_now(world, names_of(world, 1)[0])
    world.data.write("digits/labels/1.jsonl", b'{"inferenceId": "a", "label": 1}\nnonsense\n')
    world.handle("score_labels", created("digits/labels/1.jsonl"))
    world.handle("score_labels", message("m", "no JSON"))
    run(world, 2)


def a_run_that_the_month_cannot_pay(world: RecordedWorld) -> None:
    """Refused when its turn comes, and refused at the door."""
    parts = {"training": {"max_runtime_seconds": 60}, "budget": {"monthly_usd": 0.07}}
    world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE, **parts).encode())
    world.control.billable = 6000
    run(world, 1, 2)
    run(world, 7)
    assert [world.states()[seed] for seed in (2, 7)] == ["ABORTED", "ABORTED"]


def a_model_that_retires(world: RecordedWorld) -> None:
    """And comes back; then its file is lost."""
    run(world, 1)
    declared = world.artifacts.read("digits/pipeline.yaml")
    world.artifacts.write("digits/pipeline.yaml", declared + b"retire: true\n")
    world.play()
    world.drop_batch(10)
    world.data.write("nobody/batch/v1.csv", b"a,b\n1,2\n")
    world.arrive("nobody/batch/v1.csv")
    run(world, 2)
    assert world.control.endpoints == {}
    world.artifacts.write("digits/pipeline.yaml", declared)
    run(world, 7)
    plain("s3").delete_object(Bucket=world.artifacts.bucket, Key="digits/pipeline.yaml")
    world.handle("sweep", {})
    assert list(world.control.endpoints) == [ENDPOINT]


DAYS = [
    good_days,
    all_well_at_once,
    a_crowd,
    bad_uploads,
    a_person_approves,
    a_run_by_hand,
    a_schedule_that_comes_and_goes,
    an_operator_goes_back,
    the_input_drifts,
    labels_come,
    a_run_that_the_month_cannot_pay,
    a_model_that_retires,
]
