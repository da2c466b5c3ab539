"""PSI over the first sample's deciles: nothing between equals, more the further apart, missing values seen too."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.stats.population_stability import cuts_of, psi, shares_of

numbers = st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=1, max_size=60)


def normal(count: int, shift: float, seed: int, spread: float = 1.0) -> list[float]:
    chance = random.Random(seed)  # noqa: S311
    return [chance.gauss(shift, spread) for _ in range(count)]


def between(first: list[float], second: list[float]) -> float:
    cuts = cuts_of(first)
    return psi(shares_of(first, cuts), shares_of(second, cuts))


@given(numbers)
def test_shares_add_up_and_a_sample_does_not_differ_from_itself(values: list[float]) -> None:
    shares = shares_of(values, cuts_of(values))
    assert sum(shares) == pytest.approx(1.0)
    assert between(values, values) == 0.0


@given(numbers, numbers)
def test_psi_is_never_negative(first: list[float], second: list[float]) -> None:
    assert between(first, second) >= 0.0


def test_bins_hold_equal_shares() -> None:
    values = normal(10_000, 0.0, 1)
    assert all(share == pytest.approx(0.1, abs=0.001) for share in shares_of(values, cuts_of(values))[:-1])


def test_two_samples_of_one_law_show_what_chance_shows() -> None:
    found = [between(normal(2000, 0.0, seed), normal(1000, 0.0, 1000 + seed)) for seed in range(30)]
    assert sum(found) / 30 == pytest.approx(9 * (1 / 2000 + 1 / 1000), rel=0.25)


@pytest.mark.parametrize(("shift", "least", "most"), [(0.1, 0.005, 0.04), (0.5, 0.2, 0.35), (2.0, 3.0, 6.0)])
def test_a_shift_shows(shift: float, least: float, most: float) -> None:
    """For normal laws Jeffreys' divergence is the square of the shift."""
    assert least < between(normal(20_000, 0.0, 1), normal(20_000, shift, 2)) < most


def test_values_that_are_missing_now_show() -> None:
    values = normal(1000, 0.0, 1)
    assert between(values, values[:800] + [math.nan] * 200) > 0.2


def test_a_column_of_few_values_has_few_bins() -> None:
    assert cuts_of([0.0] * 90 + [1.0] * 10) == (0.0, 1.0)
    assert between([0.0, 1.0] * 50, [0.0] * 95 + [1.0] * 5) > 0.2
    assert cuts_of([math.nan, math.nan]) == ()
