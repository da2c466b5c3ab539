"""A scenario in real weather or in a storm, and whether it ends as in fair weather or in a safe state."""

from collections.abc import Iterator

from tests.crash_points.promises import CHECKS, TERMINAL, ends
from tests.crash_points.scenarios import SCENARIOS, Scenario, begun, play
from tests.fakes.faults import Faults
from tests.fakes.weather import Weather, WeatherWorld, under
from tests.fakes.world import World

# What may be said of a dataset whose model was sound: nothing of it is live, and the reason is on record.
SAFE = {"FAILED", "INCONCLUSIVE", "ROLLED_BACK", "ABORTED", "SUPERSEDED"}
# When what stood in line was not overtaken after all, its own gate decides.
SAFE_FOR = {"SUPERSEDED": {*SAFE, "REJECTED"}, "SCORED": set[str]()}


def of_seed(seed: int) -> Scenario:
    return SCENARIOS[seed % len(SCENARIOS)]


def world_in(weather: Weather, seed: int) -> WeatherWorld:
    """This seed's scenario, played in this weather to its end."""
    scenario = of_seed(seed)
    world = under(weather, seed, begun(scenario, Faults()))
    play(world, scenario)
    return world


def promises_broken(world: World, scenario: Scenario, where: str) -> list[str]:
    checks = (check for check in CHECKS if check is not ends)
    said = [*_ends(world, scenario), *(said for check in checks for said in check(world, scenario, False))]
    return [f"{where}, {scenario}: {each}" for each in said]


def _ends(world: World, scenario: Scenario) -> Iterator[str]:
    """As in fair weather, or safe; what is not sound is never promoted."""
    states = world.states()
    for seed, wanted in scenario.ends:
        state = states.get(seed, "nothing")
        if state not in TERMINAL:
            yield f"v{seed} has not ended: {state}"
        elif state != wanted and state not in SAFE_FOR.get(wanted, SAFE):
            yield f"v{seed} ended {state} instead of {wanted}"
