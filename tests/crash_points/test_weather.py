"""Whole runs in the weather of a real account: none is promoted wrongly, whatever SageMaker does meanwhile.

benchmarks/weather.py plays 200 seeds of each.
"""

import pytest

from tests.crash_points.in_weather import of_seed, promises_broken, world_in
from tests.crash_points.scenarios import SCENARIOS
from tests.fakes.weather import WEATHERS

SEEDS = len(SCENARIOS)
LOST = {"FAILED", "INCONCLUSIVE", "ROLLED_BACK", "ABORTED"}


@pytest.mark.parametrize("weather", WEATHERS)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_run_ends_as_in_fair_weather_or_in_a_safe_state(weather: str, seed: int) -> None:
    world = world_in(WEATHERS[weather], seed)
    if weather == "real":
        wanted = dict(of_seed(seed).ends)
        lost = {
            each: state for each, state in world.states().items() if state in LOST and state != wanted[each]
        }
        assert lost == {}
    assert promises_broken(world, of_seed(seed), f"{weather}, seed {seed}") == []
