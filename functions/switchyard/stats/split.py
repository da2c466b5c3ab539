"""Is traffic split as configured? A check that may look at any time."""

from __future__ import annotations

import math

# Worth of the alternative's prior, in requests: larger finds smaller deviations later.
_PRIOR = 1_000.0


def log_e(champion: float, challenger: float, weight: float) -> float:
    """Log e-value against "each request goes to the challenger with probability `weight`".

    Beta mixture martingale: Lindon & Malek, "Anytime-valid inference for multinomial count data", NeurIPS
    2022 (arXiv:2011.03567).
    """
    a, b = _PRIOR * weight, _PRIOR * (1 - weight)
    likelihood = _log_beta(a + challenger, b + champion) - _log_beta(a, b)
    return likelihood - challenger * math.log(weight) - champion * math.log(1 - weight)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
