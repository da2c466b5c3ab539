"""Days on which there is no room for all: SageMaker's quotas, and limits of the stack."""

from tests.contract.aws import RecordedWorld
from tests.contract.days_of_jobs import DEPTH, OWN, SPARK
from tests.contract.moves import run
from tests.fakes.pipelines import text
from tests.fakes.world import GATE

LIMITS = "training/ml.m5.large=1,processing/ml.m5.xlarge=1,transform/ml.m5.large=2,endpoint/ml.m5.large=3"
ELSEWHERE = "switchyard-elsewhere"


def a_job_elsewhere(world: RecordedWorld) -> None:
    """Another run's training job, which uses the only instance until it ends."""
    world.control.jobs[ELSEWHERE] = {
        "TrainingJobName": ELSEWHERE,
        "TrainingJobStatus": "InProgress",
        "HyperParameters": {},
        "ModelArtifacts": {"S3ModelArtifacts": world.artifacts.uri("elsewhere/model.tar.gz")},
    }
    world.control.quota = {"training": 1}


def until_somebody_waits(world: RecordedWorld) -> None:
    while not any(pool.waiters for pool in world.ledger.pools().values()):
        assert world._go_on() or world._deliver()


def there_is_no_room(world: RecordedWorld) -> None:
    """SageMaker refuses; the end of a job elsewhere calls, seen or unseen; a run is stopped in line."""
    for seed, lost in ((1, False), (2, True)):
        a_job_elsewhere(world)
        if lost:
            world.faults.strikes = frozenset(("lost", at) for at in range(500))
        run(world, seed)
    world.faults.strikes = frozenset()
    a_job_elsewhere(world)
    world.upload(7)
    until_somebody_waits(world)
    world.abort()
    world.play()


def limits_of_our_own(world: RecordedWorld) -> None:
    """Each way to use instances, within limits of the stack."""
    world.limits = LIMITS
    world.artifacts.write("digits/code/prepare.py", b"print()")
    tuned = {"tuning": DEPTH | {"max_parallel_jobs": 1}}
    ways = ({}, tuned, SPARK, {"evaluation": {**GATE, "via": "transform"}})
    for seed, parts in zip((1, 2, 7, 8), ways, strict=True):
        world.artifacts.write("digits/pipeline.yaml", text(**{"evaluation": GATE, **parts}).encode())
        run(world, seed)
    assert {item["state"] for item in world.ledger.runs("digits")} == {"PROMOTED"}


def a_line_that_moves_when_a_drop_is_stopped(world: RecordedWorld) -> None:
    """Its job has ended unseen; both drops are stopped, and the end of the first calls the second."""
    run(world, 1)
    world.limits = "transform/ml.m5.large=1"
    world.drop_batch(11)
    world.drop_batch(12)
    until_somebody_waits(world)
    world.control.settle()
    world.events.clear()
    world.abort()
    world.play()


def sagemaker_refuses_everything_once(world: RecordedWorld) -> None:
    """People are told of each wait that begins."""
    world.control.is_crowded = True
    world.artifacts.write("digits/code/prepare.py", b"print()")
    judged = {
        "evaluation": {**OWN, "program": {"entry_point": "prepare.py", "instance_type": "ml.m5.xlarge"}}
    }
    ways = ({}, {"tuning": DEPTH}, SPARK, {"evaluation": {**GATE, "via": "transform"}}, judged)
    for seed, parts in zip((1, 2, 7, 8, 9), ways, strict=True):
        world.artifacts.write("digits/pipeline.yaml", text(**{"evaluation": GATE, **parts}).encode())
        run(world, seed)
    world.large_megabytes = 0.001
    world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE).encode())
    run(world, 10)
    world.drop_batch(11)
    world.play()


def an_event_is_lost_and_the_sweep_answers(world: RecordedWorld) -> None:
    world.upload(1)
    while not world.control.jobs:
        assert world._go_on() or world._deliver()
    world.control.settle()
    world.events.clear()
    world._sweep()
    world.play()


DAYS = [
    there_is_no_room,
    limits_of_our_own,
    a_line_that_moves_when_a_drop_is_stopped,
    sagemaker_refuses_everything_once,
    an_event_is_lost_and_the_sweep_answers,
]
