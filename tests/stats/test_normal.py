"""Against the standard library's own."""

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.stats import normal


@given(st.floats(1e-12, 1 - 1e-12))
def test_quantile_is_the_standard_librarys(probability):
    assert normal.quantile(probability) == pytest.approx(NormalDist().inv_cdf(probability), abs=1e-6)


@given(st.floats(-8, 8))
def test_cdf_is_the_standard_librarys(z):
    assert normal.cdf(z) == pytest.approx(NormalDist().cdf(z), abs=1e-12)


@pytest.mark.parametrize("probability", [0.0, 1.0, -1.0, float("nan")])
def test_probabilities_outside_the_open_interval_are_refused(probability):
    with pytest.raises(ValueError, match="probability"):
        normal.quantile(probability)
