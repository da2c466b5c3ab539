"""At every effect of a run a Lambda dies before or after it, is throttled, or sends it twice; every invocation is made
twice, every event is lost once, the run is stopped after every step. Whatever strikes, every dataset ends in exactly
one state, that of the undisturbed run, with the champion alone on the endpoint.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from switchyard.core.invariants import Live, Seen, check
from switchyard.core.resources.pools import CHAMPION
from switchyard.core.run import RunState
from tests.fakes.faults import MODES, Faults
from tests.fakes.installed import installed
from tests.fakes.world import ENDPOINT, World

TERMINAL = {
    "PROMOTED",
    "REJECTED",
    "ROLLED_BACK",
    "INCONCLUSIVE",
    "SUPERSEDED",
    "FAILED",
    "INVALID",
    "ABORTED",
    "SCORED",
}
LIMITS = "training/ml.m5.large=1,endpoint/ml.m5.large=3"
ELSEWHERE = "switchyard-elsewhere"
STEPS = {0.0, 10.0, 25.0, 50.0, 100.0}
PAIRS = 150
GUARDED = "guardrails"
SEED = 20261122


@dataclass(frozen=True)
class Scenario:
    """Uploads onto a world in which v1 is live (or onto an empty one), or a request, and how they end undisturbed."""

    name: str
    uploads: tuple[int, ...]
    ends: tuple[tuple[int, str], ...]
    is_first: bool = False
    is_asked: bool = False
    mode: str = "realtime"
    batches: tuple[int, ...] = ()
    limits: str = ""
    is_full: bool = False

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
    Scenario("a guarded shift that takes", (2,), ((1, "PROMOTED"), (2, "PROMOTED")), mode=GUARDED),
    Scenario("a guarded shift that trips", (3,), ((1, "PROMOTED"), (3, "ROLLED_BACK")), mode=GUARDED),
    Scenario(
        "three at once", (2, 4, 7), ((1, "PROMOTED"), (2, "PROMOTED"), (4, "SUPERSEDED"), (7, "PROMOTED"))
    ),
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
    else:
        world.declare(deployment={"mode": mode})
    world.bad_live, world.bad_offline = {3}, {4}
    return world


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
            self.idle += (
                1  # looks come every minute; a lost event of the drop's job is found out by its lap alone
            )
            return self.idle % PATIENCE == 0 and self.world._lap("transform")
        self.did += 1
        return True


@cache
def with_v1(mode: str) -> World:
    world = empty(Faults(), mode)
    with installed(world):
        world.upload(1)
        world.play()
    return world


def played(scenario: Scenario, strikes: frozenset[tuple[str, int]] = frozenset()) -> World:
    faults = Faults(strikes)
    world = empty(faults, scenario.mode) if scenario.is_first else with_v1(scenario.mode).copy(faults)
    world.people = [Labeller(world)] if scenario.mode == "paired" else []
    _doom(world, scenario)
    world.limits = scenario.limits
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


@cache
def moments(scenario: Scenario, mode: str) -> int:
    return played(scenario).faults.moments(mode)


# what must hold, whatever struck


def broken(world: World, scenario: Scenario, was_aborted: bool) -> list[str]:
    """Every promise that this world breaks."""
    return [said for check in CHECKS for said in check(world, scenario, was_aborted)]


def _ends(world: World, scenario: Scenario, was_aborted: bool) -> list[str]:
    states, said = world.states(), []
    if set(states) != {seed for seed, _ in scenario.ends}:
        said.append(f"uploads {sorted(states)} are on record")
    if not set(states.values()) <= TERMINAL:
        said.append(f"not ended: {states}")
    wanted = dict(scenario.ends)
    if len(scenario.uploads) > 1:  # redelivery changes who is first; the newest is never lost
        wanted = {1: "PROMOTED", scenario.uploads[-1]: "PROMOTED"}
    other = {s: state for s, state in states.items() if s in wanted and state != wanted[s]}
    if other and not (was_aborted and set(other.values()) <= {"ABORTED", "SUPERSEDED"}):
        said.append(f"ended otherwise: {other}")
    return said


def _place_is_free(world: World, *_: object) -> list[str]:
    ledger = world.ledger
    held = {"active": ledger.active("digits"), "waiting": ledger.waiting("digits")}
    return [f"{name} is held: {value}" for name, value in held.items() if value]


def _champion_alone(world: World, *_: object) -> list[str]:
    champion, found = world.ledger.champion("digits"), world.control.endpoints.get(ENDPOINT)
    if champion is not None and champion.mode == "batch":
        return [f"a batch model has no endpoint: {found}"] if found else []
    if champion is None or found is None:
        return [] if champion is None and found is None else [f"champion {champion}, endpoint {found}"]
    seen = (found["EndpointStatus"], found["EndpointConfigName"], world.control.live(ENDPOINT))
    wanted = ("InService", champion.config, {champion.variant: 100.0})
    return [] if seen == wanted else [f"live is {seen}, the champion is {champion.run_id}"]


def _champion_is_the_last_promoted(world: World, *_: object) -> list[str]:
    runs = [r for r in world.ledger.runs("digits") if r["state"] == "PROMOTED"]
    last = max(runs, key=lambda r: str(r["ended_at"]), default=None)
    champion = world.ledger.champion("digits")
    return (
        []
        if (last and last["run_id"]) == (champion and champion.run_id)
        else [f"champion {champion}, last {last}"]
    )


def _nothing_is_left(world: World, *_: object) -> list[str]:
    left = [f"endpoint {name}" for name in world.control.endpoints if name != ENDPOINT]
    left += [
        f"job {n}"
        for n, j in world.control.jobs.items()
        if j["TrainingJobStatus"] in ("InProgress", "Stopping")
    ]
    left += [
        f"transform {n}"
        for n, t in world.control.transforms.items()
        if t["TransformJobStatus"] in ("InProgress", "Stopping")
    ]
    left += [f"alarm {name}" for name in world.alarms.made]
    left += [f"execution {key}" for key, e in world.executions.items() if e.status == "RUNNING"]
    left += [f"token {pk} {sk}" for pk, sk in world.items.rows if pk.startswith("WAIT#")]
    left += [f"event {event}" for event in world.events] + [f"look {look}" for look in world.looks]
    return [f"left over: {each}" for each in left]


def _only_the_champion_holds_instances(world: World, *_: object) -> list[str]:
    pools = world.ledger.pools().items()
    held = [(name, p.resource, p.record) for name, pool in pools for p in (*pool.holders, *pool.waiters)]
    live = f"endpoint/{ENDPOINT}"
    return [f"held for ever: {each}" for each in held if each[1:] != (live, CHAMPION)]


def _every_run_has_its_decision(world: World, *_: object) -> list[str]:
    said = []
    for run in world.ledger.runs("digits"):
        if run["state"] != "SUPERSEDED":
            key = f"digits/decisions/{run['run_id']}.json"
            record = (
                json.loads(world.artifacts.read(key)) if world.artifacts.exists(key) else {"state": "none"}
            )
            if (record["state"], record.get("reason")) != (run["state"], run["reason"]):
                said.append(f"{run['run_id']} is {run['state']}, its decision record {record['state']}")
    return said


def _traffic_moved_as_declared(world: World, scenario: Scenario, *_: object) -> list[str]:
    """Only declared steps; what is worse live never gets more than the first, what is worse offline nothing at all."""
    first = 10.0 if scenario.mode == "realtime" else 100.0
    limits = {str(u["run_id"]): _limit(world, u, first) for u in world.ledger.uploads("digits")}
    said = []
    for name, _status, config, weights in world.control.history:
        if name == ENDPOINT:
            over = [f"{w} for {v}" for v, w in weights.items() if w > limits.get(v, 100.0)]
            said += [f"too much traffic: {each}" for each in over]
            if not set(weights.values()) <= STEPS | {100.0 - step for step in STEPS}:
                said.append(f"{config}: undeclared weights {weights}")
    return said


def _limit(world: World, upload: dict[str, str | int], first: float) -> float:
    seed = int(str(upload["source"]).rsplit("/v", 1)[1].removesuffix(".csv"))
    return 0.0 if seed in world.bad_offline else first if seed in world.bad_live else 100.0


def _trained_once(world: World, *_: object) -> list[str]:
    runs = [str(run["run_id"]) for run in world.ledger.runs("digits")]
    known = [ELSEWHERE.removeprefix("switchyard-"), *runs]
    twice = [name for name in world.control.jobs if name.removeprefix("switchyard-") not in known]
    return [f"a job that is no run's: {name}" for name in twice]


def _every_drop_has_its_predictions(world: World, scenario: Scenario, was_aborted: bool) -> list[str]:
    said = []
    for item in world.ledger.batches("digits"):
        batch = json.loads(str(item["batch"]))
        folder = f"digits/batches/{batch['batch_id']}/"
        scored = world.artifacts.exists(f"{folder}manifest.json") and world.artifacts.list(
            f"{folder}predictions/"
        )
        if item["state"] == "SCORED" and not scored:
            said.append(f"{batch['batch_id']} is SCORED and has no predictions")
    jobs, most = list(world.control.transforms), 2 if scenario.mode == "paired" else len(scenario.batches)
    return said if len(jobs) <= most else [*said, f"transformed more than once: {jobs}"]


def _what_must_hold_holds(world: World, *_: object) -> list[str]:
    """As `switchyard check` sees it."""
    found, live = world.control.endpoints.get(ENDPOINT), None
    if found:
        live = Live(found["EndpointStatus"], found["EndpointConfigName"], world.control.live(ENDPOINT))
    records = [json.loads(world.artifacts.read(i.key)) for i in world.artifacts.list("digits/decisions/")]
    recorded = {str(each["run"]["run_id"]): str(each["state"]) for each in records if "run" in each}
    items = world.items.query("MODEL#digits")
    seen = Seen("digits", items, world.ledger.champion("digits"), live, recorded)
    return [f"{each.invariant}: {each.found}" for each in check(seen)]


Check = Callable[[World, Scenario, bool], list[str]]
CHECKS: tuple[Check, ...] = (
    _ends,
    _place_is_free,
    _champion_alone,
    _champion_is_the_last_promoted,
    _nothing_is_left,
    _only_the_champion_holds_instances,
    _every_run_has_its_decision,
    _traffic_moved_as_declared,
    _trained_once,
    _every_drop_has_its_predictions,
    _what_must_hold_holds,
)


def struck(scenario: Scenario, strikes: frozenset[tuple[str, int]]) -> list[str]:
    world = played(scenario, strikes)
    where = f"{scenario}, {sorted(strikes)}, {world.faults.struck}"
    return [f"{where}: {said}" for said in broken(world, scenario, any(m == "aborted" for m, _ in strikes))]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_undisturbed(scenario: Scenario) -> None:
    world = played(scenario)
    assert world.states() == dict(scenario.ends)
    assert broken(world, scenario, was_aborted=False) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_struck_once_at_every_moment(scenario: Scenario, mode: str) -> None:
    found = [
        said for at in range(moments(scenario, mode)) for said in struck(scenario, frozenset({(mode, at)}))
    ]
    assert found == []


def test_struck_twice_at_random_moments() -> None:
    chosen, found = random.Random(SEED), []  # noqa: S311
    for _ in range(PAIRS):
        scenario = chosen.choice(SCENARIOS)
        modes = chosen.choices(MODES, k=2)
        strikes = frozenset((mode, chosen.randrange(moments(scenario, mode))) for mode in modes)
        found += struck(scenario, strikes)
    assert found == []


def test_there_are_enough_moments_to_strike_at() -> None:
    """If effects stopped being counted, everything above would pass and say nothing."""
    counted = {mode: sum(moments(scenario, mode) for scenario in SCENARIOS) for mode in MODES}
    assert counted["before"] > 400
    assert min(counted.values()) > 40
