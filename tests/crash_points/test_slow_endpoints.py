"""Endpoints change in minutes, runs wait for days, and verdicts are those of a world in which nothing takes time."""

import pytest

from tests.crash_points.scenarios import with_v1
from tests.fakes import turns
from tests.fakes.faults import Faults
from tests.fakes.installed import installed
from tests.fakes.world import World

DAYS = 172_800.0
ENDS = {2: "PROMOTED", 3: "ROLLED_BACK"}


def play(seed: int, mode: str = "realtime", days_in_line: float = 0.0) -> World:
    world = with_v1(mode).copy(Faults())
    with installed(world):
        world.upload(seed)
        if days_in_line:
            world.people.append(Landlord(world, days_in_line).acts)
        world.play()
    return world


class Landlord:
    """No room for a second fleet from when the alpha endpoint goes, for so long."""

    def __init__(self, world: World, seconds: float) -> None:
        self.world, self.seconds, self.free_at = world, seconds, 0.0

    def acts(self) -> bool:
        control, now = self.world.control, self.world.clock()
        goes = any(each["EndpointStatus"] == "Deleting" for each in control.endpoints.values())
        if goes and not self.free_at:
            control.quota, self.free_at = {"endpoint": 2}, now + self.seconds
            return True
        if control.quota and now >= self.free_at:
            control.quota = {}
            return True
        return False


@pytest.mark.parametrize("seed", ENDS)
@pytest.mark.parametrize("mode", ["realtime", "serverless"])
@pytest.mark.parametrize("minutes", [0, 12, 40])
def test_a_slow_update_changes_no_verdict(
    seed: int, mode: str, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "CHANGE_SECONDS", 60.0 * minutes)
    assert play(seed, mode).states()[seed] == ENDS[seed]


@pytest.mark.parametrize("seed", ENDS)
def test_two_days_in_line_change_no_verdict_and_cost_nothing(seed: int) -> None:
    world = play(seed, days_in_line=DAYS)
    assert world.states()[seed] == ENDS[seed]
    run_id = next(
        str(run["run_id"]) for run in world.ledger.runs("digits") if f"v{seed}." in str(run["source"])
    )
    rollout = world.ledger.rollout(run_id) or {}
    assert float(rollout["live_since"]) - float(rollout["started_at"]) > DAYS / 2
    cost = str((world.ledger.run_item("digits", run_id) or {})["cost"])
    fair = play(seed)
    twin = next(str(run["run_id"]) for run in fair.ledger.runs("digits") if f"v{seed}." in str(run["source"]))
    assert cost == str((fair.ledger.run_item("digits", twin) or {})["cost"])
