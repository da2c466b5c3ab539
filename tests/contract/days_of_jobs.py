"""Days of other ways to train and to score the holdout: scripts, Spark, tuning, transform jobs."""

import json

from tests.contract.aws import RecordedWorld
from tests.contract.moves import Ending, Every, at_once, jobs, run
from tests.fakes.job_outputs import out_of_fold, write_model
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


def large_datasets(world: RecordedWorld) -> None:
    """Two that a job of their own checks and prepares, the second beside a champion; one that is stopped meanwhile, one
    whose job breaks, one that finds no room, and one that is trained on again by hand.
    """
    world.large_megabytes = 0.001
    run(world, 1, 2)
    assert {world.states()[seed] for seed in (1, 2)} == {"PROMOTED"}
    for seed, broken in ((7, False), (8, True)):
        world.control.broken_jobs = Ending("-data") if broken else set()
        world.upload(seed)
        before = len(world.control.processings)
        while len(world.control.processings) == before:
            assert world._go_on() or world._deliver()
        if not broken:
            world.abort()
        world.play()
    world.control.broken_jobs = set()
    world.ask()
    world.play()


def large_datasets_at_once(world: RecordedWorld) -> None:
    at_once(world)
    world.large_megabytes = 0.001
    for broken in (False, True):
        world.control.broken_jobs = Ending("-data") if broken else set()
        run(world, 1 + broken)


def few_rows(world: RecordedWorld) -> None:
    """Two models of a table that is too small for a holdout: each job leaves what it said; a third leaves nothing."""
    world.artifacts.write("digits/pipeline.yaml", text(evaluation={**GATE, "minimum_rows": 200}).encode())
    world.control.trained = lambda uri: left_out_of_fold(world, uri)
    run(world, 1, 2)
    assert [world.states()[seed] for seed in (1, 2)] == ["PROMOTED", "PROMOTED"]
    world.control.trained = lambda uri: write_model(world.artifacts, uri)
    run(world, 7)
    assert world.states()[7] == "FAILED"


def left_out_of_fold(world: RecordedWorld, uri: str) -> None:
    """What a training job of few rows leaves beside its model: both models are sure of every row, and right."""
    write_model(world.artifacts, uri)
    key = world.artifacts.key_of(uri)
    run_id = key.split("/")[-3].removeprefix("switchyard-")
    rows = world.artifacts.read(f"digits/prepared/{run_id}/rows.csv").decode().splitlines()[1:]
    schema = json.loads(world.artifacts.read(f"digits/prepared/{run_id}/schema.json"))
    answers = [[0.9 if line.split(",")[0] == "1" else 0.1 for line in rows]] * schema["cross_validation"][
        "repeats"
    ]
    champion = answers if schema["cross_validation"]["champion"] else None
    said = {"rows": len(rows), "challenger": answers, "champion": champion}
    world.artifacts.write(key.replace("model.tar.gz", "output.tar.gz"), out_of_fold(said))


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
    few_rows,
    large_datasets,
    large_datasets_at_once,
    other_ways_to_train,
    other_ways_that_only_the_sweep_stops,
    other_ways_at_once,
    other_ways_that_fail,
    a_holdout_through_transform_jobs,
    a_holdout_through_transform_jobs_at_once,
]
