"""A Lambda dies before or after an effect of a run, is throttled, or sends it twice; invocations are made twice, events
are lost, the run is stopped after a step; calls hang or find no connection, reads break off or are out of date.
Whatever strikes, every dataset ends in exactly one state, that of the undisturbed run, with the champion alone on the
endpoint.

Here every kind of moment (each effect, each read, each state) is struck in every mode, a few times, in scenarios that a
seed draws; `python -m tests.crash_points` strikes at every moment of every scenario in every mode.
"""

import random
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

import pytest

from tests.crash_points.promises import broken
from tests.crash_points.scenarios import SCENARIOS, Scenario, played
from tests.fakes.faults import MODES, MOMENTS
from tests.fakes.world import World

PAIRS = 60
EACH_KIND, ANYWHERE = 4, 1  # strikes: at moments of one kind, and in each scenario wherever it be
FEWEST_KINDS = {"effect": 30, "read": 15, "view": 5, "invocation": 25, "event": 5, "step": 25}
SEED = 20261122


@cache
def undisturbed(scenario: Scenario) -> World:
    return played(scenario)


def moments(scenario: Scenario, mode: str) -> int:
    return undisturbed(scenario).faults.moments(mode)


def struck(scenario: Scenario, strikes: frozenset[tuple[str, int]]) -> list[str]:
    world = played(scenario, strikes)
    where = f"{scenario}, {sorted(strikes)}, {world.faults.struck}"
    return [f"{where}: {said}" for said in broken(world, scenario, any(m == "aborted" for m, _ in strikes))]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_undisturbed(scenario: Scenario) -> None:
    world = played(scenario)
    assert world.states() == dict(scenario.ends)
    assert broken(world, scenario, was_aborted=False) == []


@cache
def chosen(mode: str) -> Mapping[Scenario, list[int]]:
    """Moments of every scenario, the same each time; of each kind there are EACH_KIND, or all."""
    lots = random.Random(f"{SEED} {mode}")  # noqa: S311
    kinds: dict[str, list[tuple[Scenario, int]]] = defaultdict(list)
    drawn: dict[Scenario, list[int]] = {}
    for scenario in SCENARIOS:
        names = undisturbed(scenario).faults.kinds(mode)
        drawn[scenario] = lots.sample(range(len(names)), min(ANYWHERE, len(names)))
        for at, name in enumerate(names):
            kinds[name].append((scenario, at))
    for moments_of_kind in kinds.values():
        for scenario, at in lots.sample(moments_of_kind, min(EACH_KIND, len(moments_of_kind))):
            drawn[scenario].append(at)
    return drawn


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_struck_once(scenario: Scenario, mode: str) -> None:
    found = [said for at in set(chosen(mode)[scenario]) for said in struck(scenario, frozenset({(mode, at)}))]
    assert found == []


def test_struck_twice_at_random_moments() -> None:
    lots, found = random.Random(SEED), []  # noqa: S311
    for _ in range(PAIRS):
        scenario = lots.choice(SCENARIOS)
        modes = lots.choices(MODES, k=2)
        strikes = frozenset((mode, lots.randrange(max(moments(scenario, mode), 1))) for mode in modes)
        found += struck(scenario, strikes)
    assert found == []


def test_there_are_enough_moments_to_strike_at() -> None:
    """If effects stopped being counted, everything above would pass and say nothing."""
    counted = {mode: sum(moments(scenario, mode) for scenario in SCENARIOS) for mode in MODES}
    assert counted["before"] > 400
    assert min(counted.values()) > 40


@pytest.mark.parametrize("mode", MODES)
def test_every_kind_of_moment_is_struck(mode: str) -> None:
    met = {name for scenario in SCENARIOS for name in undisturbed(scenario).faults.kinds(mode)}
    struck_at = {
        undisturbed(scenario).faults.kinds(mode)[at]
        for scenario in SCENARIOS
        for at in chosen(mode)[scenario]
    }
    assert struck_at == met
    assert len(met) >= FEWEST_KINDS[MOMENTS[mode]]
