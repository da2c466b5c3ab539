"""The sample-ratio check: silent on the configured split, loud on another."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.stats import sample_ratio as split


@given(st.integers(1, 40), st.floats(0.05, 0.5))
def test_expectation_is_one_under_the_configured_split(requests, weight):
    total = math.fsum(
        math.comb(requests, k) * weight**k * (1 - weight) ** (requests - k)
        * math.exp(split.log_e(requests - k, k, weight, weight))
        for k in range(requests + 1)
    )  # fmt: skip
    assert total == pytest.approx(1.0, rel=1e-6)


def test_a_split_between_both_weights_is_in_order():
    assert split.log_e(82_000, 18_000, 0.10, 0.25) < 0


@pytest.mark.parametrize(("champion", "challenger"), [(95_000, 5_000), (70_000, 30_000)])
def test_a_split_beyond_both_weights_is_found(champion, challenger):
    assert split.log_e(champion, challenger, 0.10, 0.25) > math.log(1_000)


def test_no_request_says_nothing():
    assert split.log_e(0, 0, 0.1, 0.1) == 0.0
