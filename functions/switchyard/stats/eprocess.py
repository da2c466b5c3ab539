"""Two one-sided e-processes for one metric: mixtures of fixed bets whose log-wealth is a sum over blocks.
 The promotion process bets against "challenger worse by the margin or more", the rollback process against
"challenger no worse than tolerated". By Ville's inequality P(process ever >= 1/alpha) <= alpha at all looks
together, for any adaptive split and any drift of the baseline (J. Ville, Étude critique de la notion de
collectif, 1939).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from switchyard.stats import ripr

# (difference expected, in margins away from the null line; weight). Away means better for promotion, worse
# for rollback.
PROMOTION_BETS = ((1.0, 0.60), (2.0, 0.15), (3.0, 0.10), (5.0, 0.05), (0.5, 0.10))
ROLLBACK_BETS = ((1.0, 0.47), (2.0, 0.18), (5.0, 0.20), (12.0, 0.10), (0.5, 0.05))

Coefficients = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Mixture:
    """Fixed bets (rates p0, p1 and log weight) on one side of the null line rate1 = rate0 + d."""

    d: float
    better: bool
    bets: tuple[tuple[float, float, float], ...]
    scale: float = 1.0
    cap: float = ripr.BINARY_CAP

    def projections(self, n0: float, n1: float) -> tuple[ripr.Projection, ...]:
        return tuple(
            ripr.project(p0, p1, self.d, n0, n1, better=self.better, scale=self.scale, cap=self.cap)
            for p0, p1, _ in self.bets
        )

    def log_e(self, wealth: Sequence[float]) -> float:
        """Log of the mixture from the log-wealth of each bet."""
        return log_sum_exp([w + bet[2] for w, bet in zip(wealth, self.bets, strict=True)])


def coefficients(mixture: Mixture, n0: float, n1: float) -> Coefficients:
    """(c, a, b) of each bet for a block of n0 and n1 requests: log e = c + a*s0 + b*s1."""
    return tuple(ripr.coefficients(p, n0, n1) for p in mixture.projections(n0, n1))


def bets_below(baseline: float, unit: float, d: float, scale: float = 1.0) -> Mixture:
    """Bets on the challenger being better than the line `d`, in steps of `unit`."""
    return _mixture(baseline, -unit, d, PROMOTION_BETS, scale)


def bets_above(baseline: float, unit: float, d: float, scale: float = 1.0) -> Mixture:
    """Bets on the challenger being worse than the line `d`, in steps of `unit`."""
    return _mixture(baseline, unit, d, ROLLBACK_BETS, scale)


# The processes of the decision itself are asked for at every block; the lines of an interval only once.
block_coefficients = lru_cache(maxsize=16_384)(coefficients)
promotion = lru_cache(maxsize=256)(bets_below)
rollback = lru_cache(maxsize=256)(bets_above)


def _mixture(
    baseline: float, unit: float, d: float, bets: tuple[tuple[float, float], ...], scale: float
) -> Mixture:
    # A rate of exactly 0 or 1 is no bet: keep the champion a tenth of a margin away from both ends.
    edge = min(0.1 * abs(unit), 0.05)
    p0 = min(max(baseline, edge), 1 - edge)
    clipped = ((p0, min(max(p0 + d + away * unit, edge), 1 - edge), math.log(w)) for away, w in bets)
    cap = ripr.BINARY_CAP if scale == 1.0 else ripr.VALUE_CAP
    return Mixture(d, unit < 0, tuple(clipped), scale, cap)


def block_log_e(mixture: Mixture, n0: float, s0: float, n1: float, s1: float) -> tuple[float, ...]:
    """Log e-value of each bet for one block; a block where an arm had no request says nothing (all zero)."""
    if n0 <= 0 or n1 <= 0:
        return (0.0,) * len(mixture.bets)
    return tuple(c + a * s0 + b * s1 for c, a, b in block_coefficients(mixture, n0, n1))


def losses_log_e(
    mixture: Mixture, champion: Sequence[float], challenger: Sequence[float]
) -> tuple[float, ...]:
    """As `block_log_e`, from the per-request losses of a block, each in [0, 1]."""
    n0, n1 = len(champion), len(challenger)
    if not n0 or not n1:
        return (0.0,) * len(mixture.bets)
    return tuple(ripr.log_e_of_losses(p, champion, challenger, n0, n1) for p in mixture.projections(n0, n1))


def log_sum_exp(values: Sequence[float]) -> float:
    """ln of the sum of exp(values), without overflow."""
    top = max(values)
    if top == -math.inf:
        return top
    return top + math.log(math.fsum(math.exp(v - top) for v in values))
