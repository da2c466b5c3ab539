"""A ledger that is lost is rebuilt from the decision records, all of them or nothing of it: whatever strikes the sweep
that rebuilds it, the last promoted model is champion in the end, and no record says anything else than it did.
"""

import random
from functools import cache, partial

import pytest

from switchyard.core.run import Outcome, RunState
from switchyard.runtime.wiring.core import decision_records
from tests.fakes.faults import EFFECT_MODES, Died, Faults
from tests.fakes.installed import installed
from tests.fakes.interleave import interleaved
from tests.fakes.turns import ENDPOINT
from tests.fakes.world import World

MODELS = (1, 2, 3)
SEED = 20261129
INTERLEAVINGS = 60


@cache
def three_promoted() -> World:
    world = World(Faults())
    with installed(world):
        for seed in MODELS:
            world.upload(seed)
            world.play()
    return world


def lost(strikes: frozenset[tuple[str, int]] = frozenset()) -> World:
    """Three models were promoted one after the other; then the table is gone."""
    world = three_promoted().copy(Faults(strikes))
    world.items.rows.clear()
    return world


def sweep(world: World, ledger_lost: bool = False) -> None:
    try:
        world.handle("sweep", {"ledger_lost": ledger_lost})
    except (Died, Exception):
        world.clock.pass_(300)


def records(world: World) -> dict[str, bytes]:
    return {key: body for key, (body, _) in world.artifacts.objects.items() if "/decisions/" in key}


def broken(world: World) -> list[str]:
    """Every promise of a rebuild that this world breaks."""
    before, champion = three_promoted(), world.ledger.champion("digits")
    promoted = before.ledger.champion("digits")
    assert promoted is not None
    kept = [each.run_id for each in before.ledger.kept_champions("digits")]
    states = {str(run["state"]) for run in world.ledger.runs("digits")}
    checks = {
        "the champion": champion == promoted,
        "the way back": [each.run_id for each in world.ledger.kept_champions("digits")] == kept,
        "the records": records(world) == records(before),
        "the endpoint": world.control.live(ENDPOINT) == {promoted.variant: 100.0},
        "the models": set(world.control.models) == {f"switchyard-{each}" for each in kept},
        "the runs": states == {"PROMOTED"} and len(world.ledger.runs("digits")) == len(MODELS),
        "the uploads": world.states() == dict.fromkeys(MODELS, "PROMOTED"),
        "the place": world.ledger.active("digits") is None,
    }
    return [name for name, holds in checks.items() if not holds]


@cache
def effects() -> int:
    world = lost()
    with installed(world):
        sweep(world, ledger_lost=True)
    return world.faults.moments("before")


def test_an_undisturbed_rebuild_knows_what_was_known() -> None:
    world = lost()
    with installed(world):
        sweep(world, ledger_lost=True)
        assert world.handle("sweep", {"dry_run": True})["done"] == []
        world.play()
    assert broken(world) == []


@pytest.mark.parametrize("again", [True, False], ids=["told again that it was lost", "not told again"])
@pytest.mark.parametrize("mode", EFFECT_MODES)
def test_the_last_promoted_model_is_champion_whatever_strikes_the_rebuild(mode: str, again: bool) -> None:
    found = []
    for at in range(effects()):
        world = lost(frozenset({(mode, at)}))
        with installed(world):
            sweep(world, ledger_lost=True)
            sweep(world, ledger_lost=again)
            world.play()
        found += [f"{mode} {at} {world.faults.struck}: {each}" for each in broken(world)]
    assert found == []


def test_there_are_enough_effects_to_strike_at() -> None:
    assert effects() >= 12


def test_a_dataset_that_comes_before_the_sweep_meets_the_champion_of_before() -> None:
    world, champion = lost(), three_promoted().ledger.champion("digits")
    world.bad_live = {4}
    with installed(world):
        world.upload(4)
        world.play()
    assert world.states() == {1: "PROMOTED", 2: "PROMOTED", 3: "PROMOTED", 4: "ROLLED_BACK"}
    assert world.ledger.champion("digits") == champion


def test_a_rollback_by_hand_is_what_a_rebuild_remembers_last() -> None:
    world = three_promoted().copy(Faults())
    before = world.ledger.former_champions("digits")[0]
    with installed(world):
        world.handle("set_champion", {"run": {"model": "digits"}, "back": {"to": "", "reason": "complaints"}})
        world.play()
        world.items.rows.clear()
        sweep(world, ledger_lost=True)
        world.play()
    assert world.ledger.champion("digits") == before
    assert len(world.ledger.former_champions("digits")) == len(MODELS) - 1


def under_way(world: World) -> str:
    """A further run that is in its rollout; its run id."""
    world.upload(4)
    while not world.looks:
        assert world._go_on() or world._deliver() or world.control.settle()
    return str(world.ledger.active("digits"))


@pytest.mark.parametrize(
    "is_gone", [False, True], ids=["and its execution goes on", "and its execution is gone"]
)
def test_a_run_that_is_under_way_when_the_ledger_is_lost_leaves_the_champion_alone(is_gone: bool) -> None:
    world, champion = three_promoted().copy(Faults()), three_promoted().ledger.champion("digits")
    with installed(world):
        run_id = under_way(world)
        world.items.rows.clear()
        world.looks.clear()
        if is_gone:
            world.executions.clear()
        sweep(world, ledger_lost=True)
        world.play()
    assert champion is not None
    assert world.ledger.champion("digits") == champion
    assert world.control.live(ENDPOINT) == {champion.variant: 100.0}
    item = world.ledger.run_item("digits", run_id) or {}
    assert (item["state"], "the ledger was lost" in str(item["reason"])) == ("ABORTED", True)
    assert world.ledger.active("digits") is None


def test_datasets_that_never_ran_are_superseded_and_only_the_newest_is_to_be_dropped_again() -> None:
    world = three_promoted().copy(Faults())
    with installed(world):
        for seed in (4, 5, 6):
            world.upload(seed)
            world._deliver()
        world.items.rows.clear()
        world.executions.clear()
        sweep(world, ledger_lost=True)
        world.play()
    assert {seed: world.states()[seed] for seed in (4, 5, 6)} == {
        4: "SUPERSEDED",
        5: "SUPERSEDED",
        6: "ABORTED",
    }


def test_a_record_that_is_written_says_how_the_run_ended_whoever_comes_later() -> None:
    world = three_promoted().copy(Faults())
    run = world.ledger.run("digits", str(world.ledger.runs("digits")[0]["run_id"]))
    before = records(world)
    with installed(world):
        world.items.update("MODEL#digits", run.record, {"state": "RUNNING"})
        decision_records().close(run, Outcome(RunState.ABORTED, "told otherwise"), {})
    assert world.ledger.state("digits", run.run_id) == "PROMOTED"
    assert records(world) == before


def test_two_sweeps_at_once_rebuild_the_same_ledger() -> None:
    chosen, found = random.Random(SEED), []  # noqa: S311
    for number in range(INTERLEAVINGS):
        world = lost()
        with installed(world):
            interleaved(world, chosen, *[partial(sweep, world, ledger_lost=True)] * 2)
            world.play()
        found += [f"interleaving {number}: {each}" for each in broken(world)]
    assert found == []
