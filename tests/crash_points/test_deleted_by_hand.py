"""What people delete of a champion is made again, by the sweep and before the next run needs it."""

import pytest

from tests.fakes.faults import Faults
from tests.fakes.installed import installed
from tests.fakes.turns import ENDPOINT
from tests.fakes.world import World


def with_champion() -> tuple[World, str]:
    world = World(Faults())
    with installed(world):
        world.upload(1)
        world.play()
    champion = world.ledger.champion("digits")
    assert champion is not None
    return world.copy(Faults()), champion.run_id


def whole(world: World, run_id: str) -> bool:
    live = world.control.live(ENDPOINT) == {run_id: 100.0}
    names = (
        f"switchyard-{run_id}" in world.control.models,
        f"switchyard-{run_id}-full" in world.control.configs,
    )
    return live and all(names)


@pytest.mark.parametrize(
    "gone", [("models",), ("configs",), ("endpoints",), ("models", "configs", "endpoints")], ids=str
)
def test_the_sweep_makes_a_champion_again(gone: tuple[str, ...]) -> None:
    world, run_id = with_champion()
    with installed(world):
        for kind in gone:
            getattr(world.control, kind).clear()
        assert world.handle("sweep", {"dry_run": True})["done"] != []
        assert world.handle("sweep", {})["done"] != []
        world.play()
        assert whole(world, run_id)
        assert world.handle("sweep", {"dry_run": True})["done"] == []


def test_a_run_makes_the_model_again_that_it_is_compared_with() -> None:
    world, _ = with_champion()
    with installed(world):
        world.control.models.clear()
        world.upload(2)
        world.play()
    assert world.states() == {1: "PROMOTED", 2: "PROMOTED"}


def test_nothing_is_made_of_an_artifact_that_is_not_what_was_judged() -> None:
    world, run_id = with_champion()
    with installed(world):
        for item in world.artifacts.list("digits/models/"):
            world.artifacts.write(item.key, b"another")
        world.control.models.clear()
        [said] = [line for line in world.handle("sweep", {})["done"] if "not swept" in line]
    assert f"is not what {run_id} was judged by" in said
    assert world.control.models == {}
