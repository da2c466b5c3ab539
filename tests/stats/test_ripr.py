"""The e-value of one block: never above 1 on average under the null, whatever the bet."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.rollout_laws import enumeration, expectation, safestats_example
from switchyard.stats import eprocess, ripr

rates = st.floats(0.001, 0.999)
sizes = st.integers(1, 5)


@given(rates, rates, st.floats(-0.5, 0.5), sizes, sizes, rates, st.floats(0, 1), st.booleans())
def test_expectation_is_at_most_one_under_every_null(p0, p1, d, n0, n1, rate, beyond, better):
    projection = ripr.project(p0, p1, d, n0, n1, better=better)
    other = rate + d + (beyond if better else -beyond)
    if 0 <= other <= 1:
        bet = ripr.coefficients(projection, n0, n1)
        assert expectation(bet, (n0, n1), (rate, other)) <= 1 + 1e-9


def test_expectation_is_at_most_one_for_the_bets_that_decide():
    assert enumeration().passed


@given(rates, rates, sizes, sizes)
def test_nearest_null_of_equality_is_the_weighted_mean(p0, p1, n0, n1):
    # Turner, Ly & Grünwald 2024: for equal rates the projection is the pooled rate.
    mean = (n0 * p0 + n1 * p1) / (n0 + n1)
    assert ripr.nearest_null(p0, p1, 0.0, n0, n1) == pytest.approx(mean, abs=1e-9)


@given(rates, rates, st.floats(-0.4, 0.4), st.integers(1, 10_000), st.integers(1, 10_000))
@example(0.875, 0.875, -0.25, 1, 1)  # the first guess lies beyond the unit square
def test_nearest_null_is_a_minimum(p0, p1, d, n0, n1):
    def distance(q):
        return n0 * entropy(p0, q) + n1 * entropy(p1, q + d)

    q = ripr.nearest_null(p0, p1, d, n0, n1)
    step = 1e-4 * min(q, 1 - q, q + d, 1 - q - d)
    assert distance(q) <= min(distance(q - step), distance(q + step)) + 1e-9 * (n0 + n1)


def entropy(x, y):
    return x * math.log(x / y) + (1 - x) * math.log((1 - x) / (1 - y))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_sums_give_no_more_than_the_losses_themselves(champion, challenger):
    n0, n1 = len(champion), len(challenger)
    projection = ripr.project(0.1, 0.1, 0.05, n0, n1, better=True)
    c, a, b = ripr.coefficients(projection, n0, n1)
    exact = ripr.log_e_of_losses(projection, champion, challenger, n0, n1)
    assert c + a * sum(champion) + b * sum(challenger) <= exact + 1e-9


@given(st.lists(st.booleans(), min_size=1), st.lists(st.booleans(), min_size=1))
def test_counts_say_all_when_losses_are_zero_or_one(champion, challenger):
    n0, n1 = len(champion), len(challenger)
    projection = ripr.project(0.1, 0.2, 0.0, n0, n1, better=False)
    c, a, b = ripr.coefficients(projection, n0, n1)
    exact = ripr.log_e_of_losses(projection, champion, challenger, n0, n1)
    assert c + a * sum(champion) + b * sum(challenger) == pytest.approx(exact, abs=1e-9)


def test_losses_of_known_spread_earn_more_than_their_sums():
    # Beta-like losses around 0.1 with a standard deviation of 0.065 instead of a coin's 0.3.
    scale = 0.1 * 0.9 / 0.065**2
    mixture = eprocess.promotion(0.1, 0.003, 0.003, scale)
    champion, challenger = [0.05, 0.1, 0.15] * 2_000, [0.05, 0.1, 0.15] * 2_000
    exact = mixture.log_e(eprocess.losses_log_e(mixture, champion, challenger))
    coin = eprocess.promotion(0.1, 0.003, 0.003)
    rough = coin.log_e(eprocess.block_log_e(coin, 6_000, sum(champion), 6_000, sum(challenger)))
    assert exact > 10 * abs(rough)


def test_safestats_example_has_its_published_value():
    # safestats manual, safeTwoProportionsTest: 1.095504...; in rational arithmetic 1.09550461975835...
    assert safestats_example() == pytest.approx(1.0955046197583511, rel=1e-12)
