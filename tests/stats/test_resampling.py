"""Intervals of repeated cross-validation, against draws whose truth is known."""

from math import sqrt

import numpy as np
import pytest

from switchyard.stats.intervals import Interval, mean_interval, paired_interval
from switchyard.stats.resampling import ONCE, Resampling
from tests.stats.cross_validated import Draw, Procedure

HOW = Resampling(folds=5, repeats=4)
ALPHA, DRAWS = 0.05, 300
ALLOWED = ALPHA + 3 * sqrt(ALPHA * (1 - ALPHA) / DRAWS)  # what so many draws vary by
SHIFT = np.array([0.5, 0.5, 0.0, 0.0, 0.0])


def missed(found: list[tuple[float, Interval]]) -> tuple[float, float]:
    """Shares of the draws in which the truth lies below the interval, and above it."""
    return sum(truth < low for truth, (low, _) in found) / DRAWS, sum(
        truth > high for truth, (_, high) in found
    ) / DRAWS


@pytest.fixture(scope="module")
def draws():
    random, old, new = np.random.default_rng(14), Procedure(2), Procedure(5)
    found = []
    for _ in range(DRAWS):
        draw = Draw.of(random, 60, SHIFT)
        truth = [each.train(draw.rows, draw.labels).error(SHIFT) for each in (old, new)]
        found.append((*truth, draw.sums(random, old, new, HOW).metrics["accuracy"]))
    return found


def test_the_error_of_the_model_of_all_rows_lies_within_its_interval_as_often_as_is_said(draws):
    found = [(new, mean_interval(sums.challenger, ALPHA, HOW.widening)) for _, new, sums in draws]
    assert max(missed(found)) <= ALLOWED


def test_so_does_the_difference_of_both_procedures(draws):
    found = [(new - old, paired_interval(sums.difference, ALPHA, HOW.widening)) for old, new, sums in draws]
    assert max(missed(found)) <= ALLOWED


def test_taken_for_independent_rows_the_predictions_promise_what_they_do_not_keep(draws):
    found = [(new, mean_interval(sums.challenger, ALPHA)) for _, new, sums in draws]
    assert sum(missed(found)) > 2 * 2 * ALPHA


def test_the_variance_is_that_of_bouckaert_and_frank():
    """Ten times ten folds: S^2 (1 / 100 + 1 / 9), and a fold's mean has ten times the variance of all rows' mean."""
    assert Resampling(10, 10).variance_factor == pytest.approx(10 * (1 / 100 + 1 / 9))


def test_more_repeats_make_an_interval_narrower_and_never_as_narrow_as_a_holdout_of_as_many_rows():
    factors = [Resampling(10, repeats).variance_factor for repeats in range(1, 11)]
    assert factors == sorted(factors, reverse=True)
    assert factors[-1] > ONCE.variance_factor


def test_rows_of_a_holdout_are_worth_what_they_are():
    assert ONCE.widening == 1
    assert ONCE.effective(200) == 200
    assert not ONCE.is_repeated
