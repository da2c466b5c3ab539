"""The whole line, from drop to verdict, judged by figures of labels: F1 of a class, and what mistakes cost."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.fakes.faults import Faults
from tests.fakes.installed import installed
from tests.fakes.world import World

BY_F1 = {"metrics": {"f1": {"margin": 0.1, "class": "1", "floor": 0.5}}}
BY_COST = {
    "metrics": {"cost": {"margin": 0.9, "floor": 2.5}},
    "cost": {"0": {"0": 1, "1": 3}, "1": {"1": 1, "0": 9}},
}


@pytest.fixture
def world() -> Iterator[World]:
    with installed(World(Faults())) as world:
        world.bad_offline = {3}
        yield world


@pytest.mark.parametrize(
    ("evaluation", "says"),
    [(BY_F1, "f1 of 1 0 misses the floor 0.5"), (BY_COST, "cost 6 misses the floor 2.5")],
)
def test_good_models_are_promoted_and_a_bad_one_is_rejected(
    world: World, evaluation: Mapping[str, Any], says: str
) -> None:
    world.declare(evaluation={"minimum_rows": 2, **evaluation}, deployment={"mode": "batch"})
    for seed in (1, 2, 3):
        world.upload(seed)
        world.play()
    assert world.states() == {1: "PROMOTED", 2: "PROMOTED", 3: "REJECTED"}
    [rejected] = [run for run in world.ledger.runs("digits") if run["state"] == "REJECTED"]
    assert str(rejected["reason"]) == says
