"""Bursts are found where they are, and nowhere else."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.stats.dispersion import Dispersion, design_effect, rounded_up


def blocks(seed, count, rate_of, requests=200):
    dice = random.Random(seed)  # noqa: S311
    return [
        (requests, sum(dice.random() < rate_of(at, dice) for _ in range(requests))) for at in range(count)
    ]


def estimate(counts):
    arm = Dispersion()
    for n, s in counts:
        arm.add(n, s)
    return arm.estimate()


def test_independent_requests_show_no_correlation():
    found = [estimate(blocks(seed, 300, lambda *_: 0.01)) for seed in range(20)]
    assert found == [0.0] * 20


def test_day_and_night_are_no_bursts():
    def rate(at, _):
        return 0.05 * (1 + 0.5 * math.sin(at / 200))

    assert estimate(blocks(1, 600, rate)) == 0.0


def test_failing_blocks_show_the_correlation_that_they_have():
    def counts(seed):
        dice = random.Random(seed)  # noqa: S311
        bad = {at for at in range(2_000) if dice.random() < 0.05}
        return blocks(seed, 2_000, lambda at, _: 0.3 if at in bad else 0.01, requests=100)

    mean, between = 0.01 + 0.05 * 0.29, 0.05 * 0.95 * 0.29**2
    truth = between / (mean * (1 - mean))
    assert estimate(counts(3)) == pytest.approx(truth, rel=0.25)


def test_one_block_alone_says_nothing():
    assert estimate([(100, 60)]) == 0.0
    assert estimate([]) == 0.0
    assert estimate([(0, 0)] * 5) == 0.0


@given(st.floats(1e-9, 1))
def test_rounding_goes_up_by_a_quarter_at_most(correlation):
    found = rounded_up(correlation)
    assert correlation * (1 - 1e-6) <= found <= max(1e-4, 1.26 * correlation)


@given(st.floats(0, 1e6), st.floats(0, 1))
def test_a_block_is_worth_at_least_one_request_and_at_most_all(n, correlation):
    phi = design_effect(n, correlation)
    assert phi >= 1
    assert n / phi <= n
