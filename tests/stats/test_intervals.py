"""Intervals for paired differences: level where it is hardest, agreement where it is easy."""

import math

import pytest

from switchyard.stats import intervals
from switchyard.stats.moments import Moments


def differences(worse, better, rows):
    mean = (worse - better) / rows
    return Moments(rows, mean, worse + better - rows * mean * mean)


def test_discordant_rows_are_read_off_the_moments():
    sample = [1.0] * 7 + [-1.0] * 3 + [0.0] * 90
    assert intervals.discordant(Moments.of(sample)) == (7, 3)


def test_many_discordant_rows_give_the_normal_interval():
    found = intervals.paired_interval(differences(300, 250, 5_000), 0.05)
    normal = intervals.mean_interval(differences(300, 250, 5_000), 0.05)
    assert found == pytest.approx(normal, abs=2e-4)


def test_models_that_never_disagree_are_not_proved_equal_by_a_few_rows():
    lower, upper = intervals.paired_interval(differences(0, 0, 100), 0.05)
    # With no disagreement in n rows the score bound is z^2 / (n + z^2).
    z2 = 1.6448536**2
    assert upper == pytest.approx(z2 / (100 + z2), abs=1e-4)
    assert lower == pytest.approx(-upper, abs=1e-6)


def test_a_challenger_at_the_margin_passes_at_most_five_percent_of_the_time():
    rows, margin, discordance = 400, 0.02, 0.04
    worse_rate, better_rate = (discordance + margin) / 2, (discordance - margin) / 2
    passed = math.fsum(
        _poisson(worse, rows * worse_rate) * _poisson(better, rows * better_rate)
        for worse in range(60)
        for better in range(40)
        if intervals.paired_interval(differences(worse, better, rows), 0.05)[1] < margin
    )
    assert 0.02 < passed < 0.055


def _poisson(k, mean):
    return math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))
