"""Block e-values by reverse information projection (RIPr).
 A block holds the realised counts of two arms: champion (0) and challenger (1), `n` requests each and `s` the
sum of their losses in [0, 1]. A bet names the rates (p0, p1) it expects; the null is a line "rate 1 = rate 0
+ d". The point of the line that is nearest to the bet in relative entropy gives an e-value whose expectation
is at most 1 under every point beyond the line (Turner, Ly & Grünwald, "Generic E-variables for exact
sequential k-sample tests", J. Stat. Plan. Inference 230, 2024, arXiv:2106.02693; the margin d and the sign of
the bet are ours, proved in docs/decision-rule.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_EDGE = 1e-9
_LARGEST_STEP = 60
# No single outcome may take more than 99 % of a bet: a clipped alternative would otherwise never recover.
BINARY_CAP = 0.99
# Losses that are not 0/1 bet more per request, so each factor stays at or above 0.1.
VALUE_CAP = 0.9


@dataclass(frozen=True, slots=True)
class Projection:
    """A bet against a null line for one block: nearest null point (q0, q1) and stake `kappa` (requests)."""

    q0: float
    q1: float
    kappa: float


def nearest_null(p0: float, p1: float, d: float, n0: float, n1: float) -> float:
    """Champion rate q0 on the line q1 = q0 + d that minimises n0 kl(p0|q0) + n1 kl(p1|q1).

    Rates are probabilities, d a difference of rates, n0 and n1 requests (both positive).
    """
    low, high = _bracket(p0, p1, d)
    if d == 0.0:
        return min(max((n0 * p0 + n1 * p1) / (n0 + n1), low), high)
    q = _variance_weighted_start(p0, p1, d, n0, n1, low, high)
    for _ in range(_LARGEST_STEP):
        gradient, curvature = _slope(q, p0, p1, d, n0, n1)
        low, high = (low, q) if gradient > 0 else (q, high)
        step = q - gradient / curvature
        following = step if low < step < high else 0.5 * (low + high)
        if abs(following - q) <= 1e-9 * following:
            return following
        q = following
    return q


def _bracket(p0: float, p1: float, d: float) -> tuple[float, float]:
    """The minimiser lies between the two rates moved onto the line, inside the open unit square."""
    least, most = max(_EDGE, _EDGE - d), min(1 - _EDGE, 1 - _EDGE - d)
    low, high = min(p0, p1 - d), max(p0, p1 - d)
    return min(max(low, least), most), min(max(high, least), most)


def _variance_weighted_start(
    p0: float, p1: float, d: float, n0: float, n1: float, low: float, high: float
) -> float:
    v0, v1 = p0 * (1 - p0) / n0, p1 * (1 - p1) / n1
    total = v0 + v1
    guess = (p0 * v1 + (p1 - d) * v0) / total if total > 0 else low
    # At an end of the bracket the curvature is so large that Newton would stop where it starts.
    return guess if low < guess < high else 0.5 * (low + high)


def _slope(q: float, p0: float, p1: float, d: float, n0: float, n1: float) -> tuple[float, float]:
    r = q + d
    gradient = n0 * (q - p0) / (q * (1 - q)) + n1 * (r - p1) / (r * (1 - r))
    curvature = n0 * (p0 / (q * q) + (1 - p0) / ((1 - q) ** 2)) + n1 * (
        p1 / (r * r) + (1 - p1) / ((1 - r) ** 2)
    )
    return gradient, curvature


def project(
    p0: float,
    p1: float,
    d: float,
    n0: float,
    n1: float,
    *,
    better: bool,
    scale: float = 1.0,
    cap: float = BINARY_CAP,
) -> Projection:
    """The stake for a block of n0 and n1 requests; one number for both arms, so stationarity is exact.

    `better` bets on a challenger below the line (kappa >= 0), otherwise above it; a bet clipped onto the
    wrong side stakes nothing. E[e] <= 1 rests on the shared kappa and its sign, never on Newton having
    converged. `scale` raises the stake for losses whose variance is smaller than p(1-p); `cap` bounds what
    one outcome can take from a bet.
    """
    q0 = nearest_null(p0, p1, d, n0, n1)
    q1 = q0 + d
    kappa = scale * n0 * (p0 - q0) / (q0 * (1 - q0))
    if better:
        return Projection(q0, q1, max(0.0, min(kappa, cap * min(n0 / q0, n1 / (1 - q1)))))
    return Projection(q0, q1, min(0.0, max(kappa, -cap * min(n0 / (1 - q0), n1 / q1))))


def coefficients(projection: Projection, n0: float, n1: float) -> tuple[float, float, float]:
    """(c, a, b) with log e = c + a*s0 + b*s1.

    Exact for 0/1 losses; for any losses in [0, 1] it is a lower bound of `log_e_of_losses` (the chord of a
    concave function), hence still an e-value.
    """
    stake0, stake1 = projection.kappa / n0, projection.kappa / n1
    zero0, one0 = math.log1p(-stake0 * projection.q0), math.log1p(stake0 * (1 - projection.q0))
    zero1, one1 = math.log1p(stake1 * projection.q1), math.log1p(-stake1 * (1 - projection.q1))
    return n0 * zero0 + n1 * zero1, one0 - zero0, one1 - zero1


def log_e_of_losses(
    projection: Projection, champion: Iterable[float], challenger: Iterable[float], n0: float, n1: float
) -> float:
    """Log e-value of a block from its per-request losses, each in [0, 1]."""
    stake0, stake1 = projection.kappa / n0, projection.kappa / n1
    return math.fsum(math.log1p(stake0 * (y - projection.q0)) for y in champion) + math.fsum(
        math.log1p(-stake1 * (y - projection.q1)) for y in challenger
    )
