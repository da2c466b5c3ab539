"""Residuals in bins that need no scale: few, mergeable, and near enough to what they stand for."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.stats.residuals import COARSE, LEAST, STEPS, Residuals, bin_of, edges_of

number = st.floats(-1e9, 1e9)
tables = st.lists(st.tuples(number, number, number), max_size=40)


@given(st.floats(-3e38, 3e38), st.sampled_from([STEPS, COARSE]))
def test_a_value_lies_between_the_edges_of_its_bin(value: float, steps: int) -> None:
    low, high = edges_of(bin_of(value, steps), steps)
    room = 1e-9 * abs(value) + LEAST
    assert low - room <= value <= high + room
    assert abs(value) <= LEAST or max(abs(low), abs(high)) <= min(abs(low), abs(high)) * 2 ** (1 / steps) * (
        1 + 1e-9
    )


@given(st.floats(-3e38, 3e38), st.floats(-3e38, 3e38))
def test_bins_keep_the_order_of_values(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert bin_of(low, STEPS) <= bin_of(high, STEPS)


@given(tables, tables)
def test_counts_of_chunks_are_the_counts_of_the_whole(
    first: list[tuple[float, ...]], second: list[tuple[float, ...]]
) -> None:
    both, whole = Residuals.of(first) + Residuals.of(second), Residuals.of(first + second)  # type: ignore[arg-type]
    assert both.counts == whole.counts
    assert {key: group.n for key, group in both.by_prediction.items()} == {
        key: group.n for key, group in whole.by_prediction.items()
    }
    assert Residuals.from_dict(json.loads(json.dumps(both.to_dict()))) == both


def test_bins_have_a_bound_whatever_the_values() -> None:
    rows = [
        (0.0, sign * 2.0**power, sign * 2.0**power * 1.01) for power in range(-200, 120) for sign in (-1, 1)
    ]
    assert len(Residuals.of(rows).counts) <= 2 * 2 * (math.log2(3.5e38 / LEAST) * STEPS + 2)


def test_a_model_alone_has_no_residuals_of_a_champion() -> None:
    found = Residuals.of([(1.0, None, 2.0), (3.0, None, 2.5)])
    assert found.of_model("0") == {}
    assert sum(found.of_model("1").values()) == 2
    assert sum(group.n for group in found.groups_of("1")) == 2
    assert found.groups_of("1")[0].means[1] == pytest.approx(0.25)
