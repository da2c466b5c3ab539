"""Is traffic split as configured? A check that may look at any time."""

from __future__ import annotations

import math

# Worth of the alternative's prior, in requests: larger finds smaller deviations later.
_PRIOR = 1_000.0


def log_e(champion: float, challenger: float, low: float, high: float) -> float:
    """Log e-value against "each request goes to the challenger with a probability in [low, high]".

    Beta mixture martingale: Lindon & Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022
    (arXiv:2011.03567); divided by the largest likelihood that the range allows, so it is below that of every member.
    """
    a, b = _PRIOR * high, _PRIOR * (1 - high)
    mixture = _log_beta(a + challenger, b + champion) - _log_beta(a, b)
    share = challenger / (champion + challenger) if champion + challenger else high
    nearest = min(max(share, low), high)
    return mixture - challenger * math.log(nearest) - champion * math.log(1 - nearest)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
