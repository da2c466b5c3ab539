"""Days on which endpoints scale."""

from dataclasses import replace
from typing import Any

from tests.contract.aws import RecordedWorld
from tests.contract.moves import Ending, run
from tests.fakes.pipelines import text
from tests.fakes.world import GATE

SCALING = {"min": 2, "max": 8, "target": 600}


def _declare(world: RecordedWorld, **parts: Any) -> None:
    world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE, **parts).encode())


def scales_and_scales_no_more(world: RecordedWorld) -> None:
    """Promoted, given back, guarded, and then without scaling: each lets targets go and registers them again."""
    _declare(world, deployment={"scaling": SCALING})
    run(world, 11)
    run(world, 12)
    run(world, 3)  # worse live: given back
    _declare(world, deployment={"scaling": SCALING}, rollout={"strategy": "guardrails"})
    run(world, 13)
    assert world.states()[13] == "PROMOTED"
    _deregister_by_hand(world)
    assert len(world.control.targets) == 1
    _declare(world)
    left = dict(world.control.targets)
    run(world, 2)
    assert not world.control.targets
    [target] = left.values()
    champion = world.ledger.champion("digits")
    assert champion
    world.control.targets["switchyard-digits", champion.variant] = replace(target, variant=champion.variant)
    world.policies[f"endpoint/switchyard-digits/variant/{champion.variant}"] = [
        {"PolicyName": "switchyard-load"}
    ]
    world.handle("sweep", {})
    assert not world.control.targets


def _deregister_by_hand(world: RecordedWorld) -> None:
    world.control.targets.clear()
    world.policies.clear()
    world.handle("sweep", {})


def a_backlog_scales_from_zero(world: RecordedWorld) -> None:
    """Asynchronous: its alarm is made, given up when the challenger does not come up, and deleted with scaling."""
    _declare(world, deployment={"mode": "async", "scaling": SCALING | {"min": 0}})
    run(world, 1)
    assert "switchyard-digits-wake" in world.alarms.made
    world.control.doomed = Ending("-full")
    run(world, 2)
    world.control.doomed = set()
    world.handle("sweep", {})
    _deregister_by_hand(world)
    _declare(world, deployment={"mode": "async"})
    run(world, 7)
    assert "switchyard-digits-wake" not in world.alarms.made
    world.alarms.made["switchyard-digits-wake"] = {}  # type: ignore[assignment]
    world.handle("sweep", {})


DAYS = [scales_and_scales_no_more, a_backlog_scales_from_zero]
