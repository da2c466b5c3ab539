"""Two one-sided e-processes on paired rows: both models answered the same row, so the row's difficulty cancels.

A row's difference is challenger's loss minus champion's: -1, 0 or 1 for losses of 0 and 1. A bet stakes a fixed part of
its wealth on each row: against "worse by d or more" it is multiplied by 1 + stake * (d - difference), which is expected
to be at most 1 if that is true (Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting, 2024).
By Ville's inequality P(mixture ever >= 1/alpha) <= alpha at all looks together. Counts of rows say all, in any order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from switchyard.stats.eprocess import log_sum_exp

# (stake, weight). The best stake is the distance from the null line over the share of rows on which one model alone is
# right; that share is not known beforehand, so stakes are spread over what it can be.
BETS = ((0.5, 0.30), (0.25, 0.30), (0.9, 0.15), (0.1, 0.15), (0.04, 0.10))
CAP = 0.95  # no row may take more than this part of a bet's wealth


@dataclass(frozen=True, slots=True)
class PairMixture:
    """Fixed stakes against "difference >= d" (better) or "difference <= d" (worse)."""

    d: float
    better: bool

    def log_e_of(self, better: float, same: float, worse: float) -> tuple[float, ...]:
        """Log e-value of each bet for so many rows on which the challenger alone was right, neither or both, and the
        champion alone.
        """
        return tuple(self._log_e(min(stake, self._cap), better, same, worse) for stake, _ in BETS)

    @property
    def _cap(self) -> float:
        """The worst row for the bet must leave it something."""
        most = 1 - self.d if self.better else 1 + self.d
        return CAP / most if most > 0 else math.inf

    def _log_e(self, stake: float, better: float, same: float, worse: float) -> float:
        sign = 1 if self.better else -1
        factors = ((better, self.d + 1), (same, self.d), (worse, self.d - 1))
        return math.fsum(rows * math.log1p(sign * stake * gain) for rows, gain in factors if rows)

    def log_e(self, wealth: Sequence[float]) -> float:
        """Log of the mixture from the log-wealth of each bet."""
        return log_sum_exp([w + math.log(weight) for w, (_, weight) in zip(wealth, BETS, strict=True)])
