"""Days of other ways to train and to score the holdout: scripts, Spark, tuning, transform jobs."""

from tests.contract.aws import RecordedWorld
from tests.contract.moves import Ending, Every, at_once, jobs, run
from tests.fakes.pipelines import text
from tests.fakes.world import GATE

CODE = {"training": {"kind": "script", "framework": "sklearn", "entry_point": "train.py"}}
SPARK = {"problem": "binary", "prepare": {"kind": "spark", "entry_point": "prepare.py"}}
OWN = {**GATE, "metrics": {"program": {"margin": 0.2}}, "program": {"entry_point": "prepare.py"}}
DEPTH = {"parameters": {"max_depth": {"min": 2, "max": 6}}}


def other_ways_to_train(world: RecordedWorld) -> None:
    """A script, a table that is made first, a search: each undisturbed, then stopped while it is under way."""
    for file in ("train.py", "prepare.py"):
        world.artifacts.write(f"digits/code/{file}", b"print()")
    for seed, parts in ((1, CODE), (2, SPARK), (7, {"tuning": DEPTH}), (4, {"evaluation": OWN})):
        world.artifacts.write("digits/pipeline.yaml", text(**{"evaluation": GATE, **parts}).encode())
        run(world, seed)
        world.upload(seed + 10)
        before = len(jobs(world))
        while len(jobs(world)) == before:
            assert world._go_on() or world._deliver()
        world.abort()
        world.play()


def other_ways_that_only_the_sweep_stops(world: RecordedWorld) -> None:
    for seed, parts in ((2, SPARK), (7, {"tuning": DEPTH}), (4, {"evaluation": OWN})):
        world.artifacts.write("digits/code/prepare.py", b"print()")
        world.artifacts.write("digits/pipeline.yaml", text(**{"evaluation": GATE, **parts}).encode())
        world.upload(seed)
        before = len(jobs(world))
        while len(jobs(world)) == before:
            assert world._go_on() or world._deliver()
        world.abort()
        world.events.clear()
        world.handle("sweep", {})
        world.play()


def other_ways_at_once(world: RecordedWorld) -> None:
    at_once(world)
    world.artifacts.write("digits/code/prepare.py", b"print()")
    for seed, parts in ((2, SPARK), (7, {"tuning": DEPTH}), (4, {"evaluation": OWN})):
        for broken in (False, True):
            world.artifacts.write("digits/pipeline.yaml", text(**{"evaluation": GATE, **parts}).encode())
            every = Ending("-loss") if parts.get("evaluation") == OWN else Every()
            world.control.broken_jobs = every if broken else set()
            run(world, seed + 10 * broken)


def other_ways_that_fail(world: RecordedWorld) -> None:
    world.control.broken_jobs = Every()
    world.artifacts.write("digits/code/prepare.py", b"print()")
    for seed, parts in ((2, SPARK), (7, {"tuning": DEPTH}), (4, {"evaluation": OWN})):
        world.artifacts.write("digits/pipeline.yaml", text(**{"evaluation": GATE, **parts}).encode())
        run(world, seed)


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
        world.control.broken_jobs = Ending("-new") if broken else set()
        run(world, 1 + broken)


DAYS = [
    other_ways_to_train,
    other_ways_that_only_the_sweep_stops,
    other_ways_at_once,
    other_ways_that_fail,
    a_holdout_through_transform_jobs,
    a_holdout_through_transform_jobs_at_once,
]
