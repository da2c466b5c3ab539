"""Mixtures of fixed bets."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.stats import eprocess


@pytest.mark.parametrize("bets", [eprocess.PROMOTION_BETS, eprocess.ROLLBACK_BETS])
def test_weights_of_a_mixture_sum_to_one(bets):
    assert math.fsum(weight for _, weight in bets) == pytest.approx(1.0)


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=6))
def test_log_sum_exp_neither_overflows_nor_vanishes(values):
    found = eprocess.log_sum_exp(values)
    assert max(values) <= found <= max(values) + math.log(len(values)) + 1e-9


@pytest.mark.parametrize(("n0", "n1"), [(0, 10), (10, 0), (0, 0)])
def test_a_block_without_one_arm_says_nothing(n0, n1):
    mixture = eprocess.promotion(0.01, 0.005, 0.005)
    assert set(eprocess.block_log_e(mixture, n0, 0.0, n1, 0.0)) == {0.0}


def test_promotion_grows_on_equal_models_and_shrinks_at_the_margin():
    mixture = eprocess.promotion(0.01, 0.005, 0.005)
    assert mixture.log_e(eprocess.block_log_e(mixture, 50_000, 500, 50_000, 500)) > 3
    assert mixture.log_e(eprocess.block_log_e(mixture, 50_000, 500, 50_000, 750)) < -3


def test_rollback_grows_at_the_margin_and_shrinks_on_equal_models():
    mixture = eprocess.rollback(0.01, 0.005, 0.0)
    assert mixture.log_e(eprocess.block_log_e(mixture, 50_000, 500, 50_000, 750)) > 3
    assert mixture.log_e(eprocess.block_log_e(mixture, 50_000, 500, 50_000, 500)) < -3


@pytest.mark.parametrize("baseline", [0.0, 1e-9, 1.0])
def test_a_baseline_at_an_end_still_gives_finite_bets(baseline):
    for mixture in (eprocess.promotion(baseline, 0.01, 0.01), eprocess.rollback(baseline, 0.01, 0.0)):
        assert all(math.isfinite(v) for v in eprocess.block_log_e(mixture, 90, 1, 10, 10))
