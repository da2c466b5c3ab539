"""Days of batch drops, and of a model that has no endpoint."""

import json

from tests.contract.aws import RecordedWorld
from tests.contract.moves import Ending, at_once, run
from tests.fakes.messages import message


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
    world.handle("admit_batch", message("m", "no JSON"))


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
    world.control.broken_jobs = Ending("-batch")
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
        world.control.broken_jobs = Ending("-rival") if seed == 5 else set()
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


DAYS = [batch_drops, a_batch_model_on_drops_and_labels, batch_drops_that_break, a_batch_model]
