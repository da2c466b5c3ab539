"""Weighted losses: a mean over rows that count differently, chunk by chunk, with the variance of such a mean."""

import math
from functools import reduce
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.stats.paired import PairedSums

probability = st.floats(0, 1)
rows = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0]), probability, probability, st.integers(0, 5)), min_size=2
)


def sums(given: list[tuple[float, float, float, int]]) -> PairedSums:
    return PairedSums.from_rows(
        "binary", [row[:3] for row in given], weights=[float(row[3]) for row in given]
    )


@given(rows.filter(lambda given: sum(row[3] for row in given) > 0))
def test_a_row_that_counts_three_times_is_a_row_that_is_there_three_times(
    given: list[tuple[float, float, float, int]],
) -> None:
    repeated = PairedSums.from_rows("binary", [row[:3] for row in given for _ in range(row[3])])
    for name, own in sums(given).weighed.metrics.items():
        assert own.challenger.mean == pytest.approx(repeated.metrics[name].challenger.mean)
        assert own.difference.mean == pytest.approx(repeated.metrics[name].difference.mean, abs=1e-9)


@given(rows, st.integers(0, 10))
def test_chunks_merge_to_the_same_whole(given: list[tuple[float, float, float, int]], cut: int) -> None:
    parts = [part for part in (given[:cut], given[cut:]) if part]
    merged = PairedSums.from_dict(reduce(add, map(sums, parts)).to_dict()).weighed
    for name, own in sums(given).weighed.metrics.items():
        assert merged.metrics[name].difference.mean == pytest.approx(own.difference.mean, abs=1e-9)
        assert merged.metrics[name].difference.m2 == pytest.approx(own.difference.m2, abs=1e-6)


@given(rows, st.floats(0.1, 1e6))
def test_the_unit_of_weights_does_not_matter(
    given: list[tuple[float, float, float, int]], unit: float
) -> None:
    own = sums(given).weighed.metrics["brier"].difference
    scaled = PairedSums.from_rows(
        "binary", [row[:3] for row in given], weights=[row[3] * unit for row in given]
    )
    other = scaled.weighed.metrics["brier"].difference
    assert (other.mean, other.m2) == pytest.approx((own.mean, own.m2), abs=1e-9)


def test_the_error_of_a_weighed_mean_is_that_of_its_rows() -> None:
    """Half of the rows count 3, the others 1: as many rows say less than if all counted alike."""
    given = [(float(n % 2), 0.5, 0.9 if n % 3 else 0.1, 3 if n % 4 < 2 else 1) for n in range(1200)]
    alike = PairedSums.from_rows("binary", [row[:3] for row in given]).metrics["accuracy"].difference.error
    own = sums(given).weighed.metrics["accuracy"].difference.error
    assert 1 < own / alike < math.sqrt((3**2 + 1) / 2) / 2 * 1.2


def test_an_unusable_answer_takes_its_weight_with_it() -> None:
    given = PairedSums.from_rows("binary", [(1.0, None, 7.0), (1.0, None, 0.9)], weights=[100.0, 1.0])
    assert (given.invalid, given.weights.n, given.weights.mean) == (1, 1, 1.0)
