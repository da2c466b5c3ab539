"""How many instances policies ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.scaling.decisions import chosen, held, stepped, tracked, within

STEPS = {
    "StepAdjustments": [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 3},
    ]
}


@pytest.mark.parametrize(
    ("values", "count", "wanted"),
    [
        ([130.0] * 3, 2, 3),
        ([500.0] * 3, 2, 10),
        ([130.0] * 2, 2, None),
        ([130.0, None, 130.0], 2, None),
        ([95.0] * 15, 2, None),
        ([40.0] * 15, 4, 2),
        ([40.0] * 14, 4, None),
        ([0.0] * 15, 4, 0),
        ([0.0] * 15, 0, None),
        ([None] * 15, 4, None),
        ([3000.0] * 3, 0, 30),
    ],
)
def test_target_tracking(values: list[float | None], count: int, wanted: int | None) -> None:
    assert tracked(values, 100.0, count) == wanted


@given(
    st.lists(st.floats(0, 1e6), min_size=15, max_size=15),
    st.floats(0.1, 1e4),
    st.integers(1, 100),
)
def test_enough_is_asked_for_and_never_more_than_is_there_is_removed(
    values: list[float], goal: float, count: int
) -> None:
    wanted = tracked(values, goal, count)
    if wanted is not None and wanted > count:
        assert wanted * goal * 1.000001 >= count * min(values[-3:])
    if wanted is not None and wanted < count:
        assert wanted >= 0
        assert max(values) < goal


@pytest.mark.parametrize(
    ("kind", "breach", "wanted"),
    [
        ("ChangeInCapacity", 0.0, 5),
        ("ChangeInCapacity", 10.0, 7),
        ("ChangeInCapacity", -1.0, 4),
        ("ExactCapacity", 50.0, 3),
        ("PercentChangeInCapacity", 1.0, 5),
    ],
)
def test_steps(kind: str, breach: float, wanted: int) -> None:
    assert stepped({"AdjustmentType": kind, **STEPS}, breach, 4) == wanted


DOWN = {
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [
        {"MetricIntervalUpperBound": 0.0, "MetricIntervalLowerBound": -10.0, "ScalingAdjustment": -1},
        {"MetricIntervalUpperBound": -10.0, "ScalingAdjustment": -2},
    ],
}


@pytest.mark.parametrize(("breach", "wanted"), [(0.0, 3), (-9.9, 3), (-10.0, 2), (-11.0, 2), (0.1, 4)])
def test_below_the_threshold_the_upper_bound_is_inclusive(breach: float, wanted: int) -> None:
    """ "greater than 40 and less than or equal to 50" of a threshold of 50 is from -10 to 0 (StepAdjustment)."""
    assert stepped(DOWN, breach, 4) == wanted


@pytest.mark.parametrize("kind", ["PercentChangeInCapacity", "ChangeInCapacity"])
def test_a_step_of_0_moves_nothing(kind: str) -> None:
    step = {"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 0}
    assert stepped({"AdjustmentType": kind, "StepAdjustments": [step]}, 5.0, 4) == 4


def test_the_largest_capacity_wins_and_one_that_asks_for_nothing_holds_back() -> None:
    assert chosen(4, [2, 6], [5]) == 6
    assert chosen(4, [2, None], []) == 4
    assert chosen(4, [2, 3], []) == 3
    assert chosen(0, [None], [1]) == 1


def test_target_tracking_does_not_block_a_step_policy_that_scales_in() -> None:
    assert chosen(4, [None], [3]) == 3
    assert chosen(4, [None, 2], [3]) == 3
    assert chosen(4, [3], [2]) == 3
    assert chosen(4, [6], [2]) == 6


def _held(count: int, wanted: int, activity: dict[str, float], now: float, **suspended: bool) -> bool:
    target = {"_Activity": activity, "SuspendedState": suspended}
    return held(target, count, wanted, {"ScaleOut": 60.0, "ScaleIn": 300.0}, now)


def test_cooldowns() -> None:
    assert _held(1, 2, {"ScaleOut": 100.0}, 159.0)
    assert not _held(1, 2, {"ScaleOut": 100.0}, 160.0)
    assert _held(2, 1, {"ScaleIn": 100.0}, 399.0)
    assert not _held(2, 1, {"ScaleIn": 100.0, "ScaleOut": 200.0}, 250.0)
    assert not _held(1, 2, {"ScaleIn": 100.0}, 101.0)


def test_suspensions_hold_one_direction() -> None:
    assert _held(1, 2, {}, 1000.0, DynamicScalingOutSuspended=True)
    assert not _held(2, 1, {}, 1000.0, DynamicScalingOutSuspended=True)
    assert _held(2, 1, {}, 1000.0, DynamicScalingInSuspended=True)


def test_the_range_holds() -> None:
    assert [within(count, {"MinCapacity": 2, "MaxCapacity": 4}) for count in (0, 3, 9)] == [2, 3, 4]
