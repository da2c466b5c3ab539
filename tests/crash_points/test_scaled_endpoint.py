"""Live counts through a rollout, targets that are let go and registered again, and those that are not ours."""

import pytest

from switchyard.core.pipeline import Scaling
from switchyard.core.resources.scaling import Policy, ScalableTarget, foreign, is_kept, sized
from tests.crash_points.scenarios import SCALED, empty
from tests.fakes.faults import Faults
from tests.fakes.installed import installed
from tests.fakes.turns import ENDPOINT
from tests.fakes.world import World

SCALING = Scaling(2, 8, 600.0)
OURS = Policy("switchyard-load", 600.0, 300, 300)


@pytest.mark.parametrize(
    ("counts", "share", "count"),
    [({"a": 4}, 10, 2), ({"a": 8, "b": 2}, 50, 5), ({"a": 8, "b": 4}, 100, 8), ({"a": 0}, 100, 2)],
)
def test_a_share_gets_its_part_of_the_instances_within_the_range(
    counts: dict[str, int], share: float, count: int
) -> None:
    assert sized(SCALING, counts, share) == count


@pytest.mark.parametrize(
    ("target", "is_right"),
    [
        (None, False),
        (ScalableTarget("a", 2, 8, (OURS,)), True),
        (ScalableTarget("a", 2, 9, (OURS,)), False),
        (ScalableTarget("a", 2, 8), False),
        (ScalableTarget("a", 2, 8, (Policy("switchyard-load", 500.0, 300, 300),)), False),
    ],
)
def test_a_target_is_kept_when_it_is_as_declared(target: ScalableTarget | None, is_right: bool) -> None:
    assert is_kept(target, "switchyard", "realtime", SCALING) is is_right


def test_from_zero_an_asynchronous_endpoint_needs_its_wake_policy_too() -> None:
    zero, wake = Scaling(0, 8, 600.0), Policy("switchyard-wake", None)
    assert not is_kept(ScalableTarget("a", 0, 8, (OURS,)), "switchyard", "async", zero)
    assert is_kept(ScalableTarget("a", 0, 8, (OURS, wake)), "switchyard", "async", zero)


def test_whose_a_target_is_its_policies_say() -> None:
    theirs, bare = ScalableTarget("a", 1, 2, (OURS, Policy("theirs", 1.0))), ScalableTarget("b", 1, 2)
    assert foreign("switchyard", [theirs, bare], is_declared=True) == ["a"]
    assert foreign("switchyard", [theirs, bare], is_declared=False) == ["a", "b"]
    assert foreign("switchyard", [ScalableTarget("c", 1, 2, (OURS,))], is_declared=False) == []


def live(world: World, count: int) -> None:
    """v1 serves, and load has brought it to this many instances."""
    world.upload(1)
    world.play()
    for each in world.control.endpoints[ENDPOINT]["ProductionVariants"]:
        each["DesiredInstanceCount"] = count


def test_a_promotion_keeps_the_instances_that_the_load_has_brought() -> None:
    with installed(empty(Faults(), SCALED)) as world:
        live(world, 6)
        world.upload(2)
        seen = []
        world.people = [lambda: seen.append(_counts(world)) or False]  # type: ignore[func-returns-value]
        world.play()
    assert world.states() == {1: "PROMOTED", 2: "PROMOTED"}
    canaries = [counts for counts in seen if len(counts) == 2]
    assert {counts[0] for counts in canaries} == {6}, "the champion lost instances"
    assert [count for _, count in dict.fromkeys(canaries)] == [2, 4, 8], "its share of the instances of both"
    assert _counts(world) == (8,)


def _counts(world: World) -> tuple[int, ...]:
    found = world.control.endpoints.get(ENDPOINT, {"ProductionVariants": []})["ProductionVariants"]
    return tuple(each["DesiredInstanceCount"] for each in found)


def test_a_rollout_that_is_given_back_leaves_the_champion_the_instances_of_both() -> None:
    with installed(empty(Faults(), SCALED)) as world:
        live(world, 4)
        world.upload(3)
        world.play()
    assert world.states()[3] == "ROLLED_BACK"
    assert _counts(world) == (6,)
    assert [variant for _, variant in world.control.targets] == [world.ledger.champion("digits").variant]  # type: ignore[union-attr]


def test_an_endpoint_that_somebody_else_scales_is_refused_before_anything_moves() -> None:
    with installed(empty(Faults(), "realtime")) as world:
        live(world, 4)
        variant = world.ledger.champion("digits").variant  # type: ignore[union-attr]
        theirs = ScalableTarget(variant, 1, 9, (Policy("theirs", 1.0),))
        world.control.targets[ENDPOINT, variant] = theirs
        before = list(world.control.history)
        world.upload(2)
        world.play()
    assert world.states()[2] == "FAILED"
    [reason] = [str(run["reason"]) for run in world.ledger.runs("digits") if run["state"] == "FAILED"]
    assert f"variant {variant} is scaled by policies that are not this stack's" in reason
    assert [each for each in world.control.history[len(before) :] if each[0] == ENDPOINT] == []
    assert world.control.targets[ENDPOINT, variant] == theirs
