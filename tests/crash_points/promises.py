"""What must hold of a world, whatever struck it."""

import json
from collections.abc import Callable
from typing import Any

from switchyard.closing.rules.invariants import check
from switchyard.closing.rules.model_view import Live, Seen
from switchyard.core.resources.pools import CHAMPION
from tests.crash_points.scenarios import ELSEWHERE, SCALED, Scenario
from tests.fakes.turns import ENDPOINT
from tests.fakes.world import World

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
STEPS = {0.0, 10.0, 25.0, 50.0, 100.0}


def broken(world: World, scenario: Scenario, was_aborted: bool) -> list[str]:
    """Every promise that this world breaks."""
    return [said for each in CHECKS for said in each(world, scenario, was_aborted)]


def ends(world: World, scenario: Scenario, was_aborted: bool) -> list[str]:
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
    if world.ledger.retirement("digits") is not None:
        return [f"retired, and there is {champion}, {found}"] if champion or found else []
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
    if world.ledger.retirement("digits") is not None:
        return []  # as _champion_alone says
    return (
        []
        if (last and last["run_id"]) == (champion and champion.run_id)
        else [f"champion {champion}, last {last}"]
    )


def _nothing_is_left(world: World, *_: object) -> list[str]:
    left = [f"endpoint {name}" for name in world.control.endpoints if name != ENDPOINT]
    control = world.control
    for what, jobs, status in (
        ("job", control.jobs, "TrainingJobStatus"),
        ("transform", control.transforms, "TransformJobStatus"),
        ("processing", control.processings, "ProcessingJobStatus"),
        ("tuning", control.tunings, "HyperParameterTuningJobStatus"),
    ):
        left += [f"{what} {n}" for n, job in jobs.items() if job[status] in ("InProgress", "Stopping")]
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


def _the_registry_says_how_runs_ended(world: World, *_: object) -> list[str]:
    """Others deploy what is Approved: never what lost, nor what is not decided."""
    said = []
    for run in world.ledger.runs("digits"):
        found = world.control.approvals.get(str(run.get("package", "")))
        wanted = "Approved" if run["state"] == "PROMOTED" else "Rejected"
        if found not in (None, wanted):
            said.append(f"{run['run_id']} is {run['state']}, and its version {found}")
    return said


def _traffic_moved_as_declared(world: World, scenario: Scenario, *_: object) -> list[str]:
    """Only declared steps; what is worse live never gets more than the first, what is worse offline nothing at all."""
    first = 10.0 if scenario.mode == "realtime" else 100.0
    limits = {str(u["run_id"]): _limit(world, u, first) for u in world.drops()}
    said = []
    for name, _status, config, weights in world.control.history:
        if name == ENDPOINT:
            over = [f"{w} for {v}" for v, w in weights.items() if w > limits.get(v, 100.0)]
            said += [f"too much traffic: {each}" for each in over]
            if not set(weights.values()) <= STEPS | {100.0 - step for step in STEPS}:
                said.append(f"{config}: undeclared weights {weights}")
    return said


def _limit(world: World, upload: dict[str, Any], first: float) -> float:
    seed = int(str(upload["source"]).rsplit("/v", 1)[1].removesuffix(".csv"))
    return 0.0 if seed in world.bad_offline else first if seed in world.bad_live else 100.0


def _trained_once(world: World, *_: object) -> list[str]:
    runs = [str(run["run_id"]) for run in world.ledger.runs("digits")]
    searched = tuple(f"{name}-" for name in world.control.tunings)
    known = [ELSEWHERE.removeprefix("switchyard-"), *runs]
    own = [name for name in world.control.jobs if not name.startswith(searched)]
    twice = [name for name in own if name.removeprefix("switchyard-") not in known]
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
    jobs = list(world.control.transforms)
    most = 2 if "paired" in scenario.mode or scenario.declared == "transform" else len(scenario.batches)
    return said if len(jobs) <= most else [*said, f"transformed more than once: {jobs}"]


def _scaled_as_declared(world: World, scenario: Scenario, *_: object) -> list[str]:
    """The champion's variant is the only scalable target, and of an endpoint that does not scale there is none."""
    champion, targets = world.ledger.champion("digits"), set(world.control.targets)
    wanted = {(ENDPOINT, champion.variant)} if champion and scenario.mode == SCALED else set()
    return [] if targets == wanted else [f"scalable targets are {targets} instead of {wanted}"]


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
    ends,
    _place_is_free,
    _champion_alone,
    _champion_is_the_last_promoted,
    _nothing_is_left,
    _only_the_champion_holds_instances,
    _every_run_has_its_decision,
    _the_registry_says_how_runs_ended,
    _traffic_moved_as_declared,
    _trained_once,
    _every_drop_has_its_predictions,
    _scaled_as_declared,
    _what_must_hold_holds,
)
