"""At every effect of a run a Lambda dies before or after it, is throttled, or sends it twice; every invocation is made
twice, every event is lost once, the run is stopped after every step; at moments drawn by a seed calls hang or find no
connection, reads break off or are out of date, events come twice. Whatever strikes, every dataset ends in exactly one
state, that of the undisturbed run, with the champion alone on the endpoint.

`python -m tests.crash_points` strikes at every moment in every mode.
"""

import random
from functools import cache

import pytest

from tests.crash_points.promises import broken
from tests.crash_points.scenarios import SCENARIOS, Scenario, played
from tests.fakes.faults import MODES

PAIRS = 150
SAMPLE = 6
SAMPLED_MODES = ("hung", "refused", "cut", "stale", "doubled")
SEED = 20261122


@cache
def moments(scenario: Scenario, mode: str) -> int:
    return played(scenario).faults.moments(mode)


def struck(scenario: Scenario, strikes: frozenset[tuple[str, int]]) -> list[str]:
    world = played(scenario, strikes)
    where = f"{scenario}, {sorted(strikes)}, {world.faults.struck}"
    return [f"{where}: {said}" for said in broken(world, scenario, any(m == "aborted" for m, _ in strikes))]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_undisturbed(scenario: Scenario) -> None:
    world = played(scenario)
    assert world.states() == dict(scenario.ends)
    assert broken(world, scenario, was_aborted=False) == []


def chosen_moments(scenario: Scenario, mode: str) -> list[int]:
    """All of them, or a few that stay the same, where one mode or scenario is much like another."""
    every = range(moments(scenario, mode))
    if mode not in SAMPLED_MODES and not scenario.is_sampled:
        return list(every)
    chosen = random.Random(f"{SEED} {scenario} {mode}")  # noqa: S311
    return chosen.sample(every, min(SAMPLE, len(every)))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_struck_once(scenario: Scenario, mode: str) -> None:
    found = [
        said for at in chosen_moments(scenario, mode) for said in struck(scenario, frozenset({(mode, at)}))
    ]
    assert found == []


def test_struck_twice_at_random_moments() -> None:
    chosen, found = random.Random(SEED), []  # noqa: S311
    for _ in range(PAIRS):
        scenario = chosen.choice(SCENARIOS)
        modes = chosen.choices(MODES, k=2)
        strikes = frozenset((mode, chosen.randrange(max(moments(scenario, mode), 1))) for mode in modes)
        found += struck(scenario, strikes)
    assert found == []


def test_there_are_enough_moments_to_strike_at() -> None:
    """If effects stopped being counted, everything above would pass and say nothing."""
    counted = {mode: sum(moments(scenario, mode) for scenario in SCENARIOS) for mode in MODES}
    assert counted["before"] > 400
    assert min(counted.values()) > 40
