"""Moments of samples as sums that merge."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.stats.moments import Moments, PairedMoments

values = st.lists(st.floats(-1e6, 1e6), max_size=30)


@given(values, values)
def test_merged_parts_are_the_whole(left, right):
    merged, whole = Moments.of(left) + Moments.of(right), Moments.of(left + right)
    assert merged.n == whole.n
    assert merged.mean == pytest.approx(whole.mean, abs=1e-6)
    assert merged.m2 == pytest.approx(whole.m2, rel=1e-9, abs=1e-3)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=30))
def test_variance_is_the_textbooks(sample):
    assert Moments.of(sample).variance == pytest.approx(statistics.variance(sample), abs=1e-8)


def test_a_large_mean_does_not_swallow_the_variance():
    sample = [1e9 + step for step in (1.0, 2.0, 3.0)]
    merged = Moments.of(sample[:1]) + Moments.of(sample[1:])
    assert merged.variance == pytest.approx(1.0)


def test_paired_differences_are_row_by_row():
    found = PairedMoments.of([1.0, 0.0, 1.0], [0.0, 0.0, 1.0])
    assert (found.difference.n, found.difference.mean) == (3, pytest.approx(-1 / 3))
    assert PairedMoments.from_dict(found.to_dict()) == found


def test_pairs_must_be_complete():
    with pytest.raises(ValueError, match="zip"):
        PairedMoments.of([1.0], [1.0, 0.0])
