"""What happens in a world that is played: uploads onto a live model or an empty stack, and how they end undisturbed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from switchyard.core.run import RunState
from tests.fakes.faults import Faults
from tests.fakes.installed import installed
from tests.fakes.turns import Event
from tests.fakes.world import GATE, World

LIMITS = "training/ml.m5.large=1,endpoint/ml.m5.large=3"
ELSEWHERE = "switchyard-elsewhere"
GUARDED = "guardrails"
SCALED = "scaled"
LARGE = "large"


@dataclass(frozen=True)
class Scenario:
    """Uploads onto a world in which v1 is live (or onto an empty one), or a request, and how they end undisturbed.

    declared: what the owner writes into pipeline.yaml before, by its name in OWNERS.
    """

    name: str
    uploads: tuple[int, ...]
    ends: tuple[tuple[int, str], ...]
    is_first: bool = False
    is_asked: bool = False
    mode: str = "realtime"
    batches: tuple[int, ...] = ()
    limits: str = ""
    is_full: bool = False
    declared: str = ""

    def __str__(self) -> str:
        return self.name


SCENARIOS = [
    Scenario("the first deployment", (1,), ((1, "PROMOTED"),), is_first=True),
    Scenario("a better model", (2,), ((1, "PROMOTED"), (2, "PROMOTED"))),
    Scenario("no room at first", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), limits=LIMITS, is_full=True),
    Scenario("a run by hand", (), ((1, "PROMOTED"), (0, "PROMOTED")), is_asked=True),
    Scenario("a model that is worse live", (3,), ((1, "PROMOTED"), (3, "ROLLED_BACK"))),
    Scenario("a model that is worse offline", (4,), ((1, "PROMOTED"), (4, "REJECTED"))),
    Scenario("a training that fails", (5,), ((1, "PROMOTED"), (5, "FAILED"))),
    Scenario("a challenger that does not start", (6,), ((1, "PROMOTED"), (6, "FAILED"))),
    Scenario("a better batch model", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), mode="batch"),
    Scenario(
        "a batch model on evidence", (2,), ((1, "PROMOTED"), (2, "PROMOTED"), (11, "SCORED")), mode="paired"
    ),
    Scenario("a batch drop", (), ((1, "PROMOTED"), (11, "SCORED")), batches=(11,)),
    Scenario("a swap that is kept", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), mode="serverless"),
    Scenario("a swap that is worse", (3,), ((1, "PROMOTED"), (3, "ROLLED_BACK")), mode="serverless"),
    Scenario("a swap that does not start", (6,), ((1, "PROMOTED"), (6, "FAILED")), mode="async"),
    Scenario("a scaled endpoint", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), mode=SCALED),
    Scenario("a scaled one that is worse live", (3,), ((1, "PROMOTED"), (3, "ROLLED_BACK")), mode=SCALED),
    Scenario("a guarded shift that takes", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), mode=GUARDED),
    Scenario("a guarded shift that trips", (3,), ((1, "PROMOTED"), (3, "ROLLED_BACK")), mode=GUARDED),
    Scenario(
        "three at once", (2, 4, 7), ((1, "PROMOTED"), (2, "PROMOTED"), (4, "SUPERSEDED"), (7, "PROMOTED"))
    ),
    Scenario("a table made by Spark", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), declared="spark"),
    Scenario("a table that a job reads", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), declared=LARGE),
    Scenario("a loss of the owner's own", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), declared="program"),
    Scenario("a search before training", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), declared="tuning"),
    Scenario(
        "a holdout through transform jobs", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), declared="transform"
    ),
    Scenario("a model that a person approves", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), declared="approved"),
    Scenario("a model that a person rejects", (2,), ((1, "PROMOTED"), (2, "REJECTED")), declared="rejected"),
    Scenario("a run that the month cannot pay", (2,), ((1, "PROMOTED"), (2, "ABORTED")), declared="poor"),
    Scenario("a day that has had its runs", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), declared="rationed"),
    Scenario("a run by schedule", (), ((1, "PROMOTED"), (0, "PROMOTED")), declared="scheduled"),
    Scenario("a model that retires", (), ((1, "PROMOTED"),), declared="retired"),
]


PAIRED = {
    "strategy": "paired",
    "metrics": {"errors": {"margin": 0.3}, "label_error": {"margin": 0.2, "maturity_seconds": 60}},
}


def empty(faults: Faults, mode: str) -> World:
    world = World(faults)
    if mode == "paired":
        world.declare(rollout=PAIRED, deployment={"mode": "batch"})
    elif mode == GUARDED:
        world.declare({"strategy": GUARDED}, deployment={"instance_count": 2})
    elif mode == SCALED:
        world.declare(deployment={"scaling": {"min": 2, "max": 8, "target": 600}})
    else:
        world.declare(deployment={"mode": mode})
    world.bad_live, world.bad_offline = {3}, {4}
    return world


MANUAL = {"approval": {"mode": "manual"}}
OWNERS: dict[str, dict[str, Any]] = {
    "spark": {"problem": "binary", "prepare": {"kind": "spark", "entry_point": "prepare.py"}},
    LARGE: {},  # the stack's limit is low
    "tuning": {"tuning": {"parameters": {"max_depth": {"min": 2, "max": 6}}}},
    "program": {
        "evaluation": {
            **GATE,
            "metrics": {"program": {"margin": 0.2}},
            "program": {"entry_point": "prepare.py"},
        }
    },
    "transform": {"evaluation": {**GATE, "via": "transform"}},
    "approved": MANUAL,
    "rejected": MANUAL,
    "poor": {"budget": {"monthly_usd": 0.0001}},
    "rationed": {"budget": {"runs_per_day": 1}},
    "scheduled": {"schedule": {"when": "rate(1 day)", "always": True}},
    "retired": {"retire": True},
}
PATIENCE = 60


class Labeller:
    """Drops rows once a challenger waits for them, or has ended, and labels them once both models have scored them."""

    def __init__(self, world: World, seed: int = 11, rows: int = 60) -> None:
        self.world, self.drop, self.rows, self.did, self.idle = world, seed, rows, 0, 0

    def __call__(self) -> bool:
        ledger = self.world.ledger
        runs = [RunState(str(run["state"])) for run in ledger.runs("digits")]
        is_compared = bool(ledger.compared("digits") and self.world.looks)
        if self.did == 0 and (is_compared or (len(runs) > 1 and all(state.is_terminal for state in runs))):
            self.world.drop_batch(self.drop, self.rows)
        elif self.did == 1 and any(ledger.drops(str(run["run_id"])) for run in ledger.runs("digits")):
            self.world.label_batch(self.drop, self.rows)
        else:
            # Looks come every minute; a lost event of the drop's job is found out by its lap alone.
            self.idle += 1
            return self.idle % PATIENCE == 0 and self.world._lap("transform")
        self.did += 1
        return True


class Reviewer:
    """Says yes or no to whatever waits in the model registry."""

    def __init__(self, world: World, status: str) -> None:
        self.world, self.status = world, status

    def __call__(self) -> bool:
        asked = [
            arn for arn, status in self.world.control.approvals.items() if status == "PendingManualApproval"
        ]
        for arn in asked:
            self.world.control.approve(arn, self.status)
        return bool(asked)


class Ticker:
    """The tick of all schedules: each time at which one is due, until it has been kept once."""

    def __init__(self, world: World) -> None:
        self.world, self.ticks = world, 2

    def __call__(self) -> bool:
        if self.ticks == 0 or self.world.events or self.world.ledger.active("digits"):
            return False
        self.ticks -= 1
        self.world.clock.pass_(86_400)
        self.world.events.append(Event("run_schedules", {}))
        return True


class Midnight:
    """The next day comes, and the sweep, while a run waits though no other is under way."""

    def __init__(self, world: World) -> None:
        self.world, self.nights = world, 2

    def __call__(self) -> bool:
        ledger = self.world.ledger
        is_waited_for = ledger.waiting("digits") and not ledger.active("digits")
        if not self.nights or self.world.events or not is_waited_for:
            return False
        self.nights -= 1
        self.world.clock.pass_(86_400)
        self.world._sweep()
        return True


def people(world: World, scenario: Scenario) -> list[Callable[[], bool]]:
    """Who does something of their own while the scenario is played."""
    if scenario.mode == "paired":
        return [Labeller(world)]
    if scenario.declared in ("approved", "rejected"):
        return [Reviewer(world, scenario.declared.capitalize())]
    if scenario.declared == "rationed":
        return [Midnight(world)]
    return [Ticker(world)] if scenario.declared == "scheduled" else []


@cache
def with_v1(mode: str) -> World:
    world = empty(Faults(), mode)
    with installed(world):
        world.upload(1)
        world.play()
    return world


def played(scenario: Scenario, strikes: frozenset[tuple[str, int]] = frozenset()) -> World:
    return play(begun(scenario, Faults(strikes)), scenario)


def begun(scenario: Scenario, faults: Faults) -> World:
    """Before anything of the scenario happens."""
    return empty(faults, scenario.mode) if scenario.is_first else with_v1(scenario.mode).copy(faults)


def play(world: World, scenario: Scenario) -> World:
    """Until nothing is left to do."""
    world.people = people(world, scenario)
    if scenario.declared:
        world.artifacts.write("digits/code/prepare.py", b"print()")
        world.declare(**OWNERS[scenario.declared])
    _doom(world, scenario)
    world.limits = scenario.limits
    world.large_megabytes = 0.001 if scenario.declared == LARGE else 0
    if scenario.is_full:
        _fill(world)
    with installed(world):
        for seed in scenario.uploads:
            world.upload(seed)
        for seed in scenario.batches:
            world.drop_batch(seed)
        if scenario.is_asked:
            world.ask()
        world.play()
    return world


def _doom(world: World, scenario: Scenario) -> None:
    """Seed 5 cannot be trained, seed 6 cannot be served: by whatever name its run will go."""
    ensure_job, ensure_config = world.control.ensure_training, world.control.ensure_config

    def training(names, *more):  # type: ignore[no-untyped-def]
        world.control.broken_jobs |= {names.training_job} if 5 in scenario.uploads else set()
        ensure_job(names, *more)

    def config(name, *more, **named):  # type: ignore[no-untyped-def]
        world.control.doomed |= {name} if 6 in scenario.uploads and not name.endswith("-alpha") else set()
        ensure_config(name, *more, **named)

    world.control.ensure_training = training  # type: ignore[method-assign]
    world.control.ensure_config = config  # type: ignore[method-assign]


def _fill(world: World) -> None:
    """Another model's job uses the only instance for training until it ends."""
    world.control.quota = {"training": 1}
    world.control.jobs[ELSEWHERE] = {
        "TrainingJobName": ELSEWHERE,
        "TrainingJobStatus": "InProgress",
        "HyperParameters": {},
        "ModelArtifacts": {"S3ModelArtifacts": world.artifacts.uri("elsewhere/model.tar.gz")},
    }
