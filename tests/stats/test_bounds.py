"""Lower bounds on requests, against published figures."""

import math

import pytest

from switchyard.stats import bounds


@pytest.mark.parametrize(("p", "q", "expected"), [(0.1, 0.3, (22.8, 17.2)), (0.01, 0.02, (849.5, 677.1))])
def test_average_sample_number_of_walds_test(p, q, expected):
    # Wald, Sequential Analysis (1947), formula for the ASN with alpha = beta = 0.05.
    assert bounds.sprt_requests(p, q, 0.05, 0.05) == pytest.approx(expected, abs=0.05)


def test_two_sided_five_percent_needs_2_65_nats():
    assert bounds.needed(0.05, 0.05) == pytest.approx(0.9 * math.log(19), rel=1e-12)


def test_information_agrees_with_the_normal_approximation_for_small_differences():
    # (delta - Delta)^2 w (1 - w) / (2 p (1 - p))
    found = bounds.information(0.1, 0.1, 0.001, 0.25)
    assert found == pytest.approx(0.001**2 * 0.25 * 0.75 / (2 * 0.1 * 0.9), rel=0.02)


def test_a_ramp_spends_its_pieces_in_order():
    assert bounds.wald_requests(3.0, [(100, 0.01), (100, 0.1)]) == pytest.approx(120)
    assert bounds.wald_requests(0.5, [(100, 0.01), (math.inf, 0.1)]) == pytest.approx(50)


def test_no_information_is_never_enough():
    assert bounds.wald_requests(1.0, [(math.inf, 0.0)]) == math.inf
