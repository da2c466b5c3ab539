"""Smooth functions of means, with standard errors by the delta method: the slope at the means times their spread."""

from __future__ import annotations

import math

from switchyard.stats.comoments import CoMoments
from switchyard.stats.compared import Compared
from switchyard.stats.moments import PairedMoments


def root(pair: PairedMoments) -> Compared:
    """The root of each model's mean loss: of squared errors the root mean squared error."""
    old, new = math.sqrt(pair.champion.mean), math.sqrt(pair.challenger.mean)
    slope_old, slope_new = (1 / (2 * value) if value else 0.0 for value in (old, new))
    alone = slope_new * pair.challenger.error
    if not pair.champion.n:
        return Compared(None, new, alone, 0.0)
    # Var(d) = Var(new) + Var(old) - 2 Cov tells the covariance.
    squares = [m.error**2 for m in (pair.champion, pair.challenger, pair.difference)]
    together = (squares[0] + squares[1] - squares[2]) / 2
    variance = slope_old**2 * squares[0] + slope_new**2 * squares[1] - 2 * slope_old * slope_new * together
    return Compared(old, new, alone, math.sqrt(max(0.0, variance)))


def ratio(rows: CoMoments) -> Compared | None:
    """Sum of losses over sum of sizes, from rows of (champion's loss, challenger's, size), the first one optional; None
    where all sizes are 0.
    """
    *losses, size = rows.means or (0.0,)
    if not size:
        return None
    values = [loss / size for loss in losses]
    new, old = values[-1], values[0] if len(values) > 1 else None
    none = [0.0] * (len(values) - 1)
    alone = rows.error([*none, 1 / size, -new / size])
    if old is None:
        return Compared(None, new, alone, 0.0)
    return Compared(old, new, alone, rows.error([-1 / size, 1 / size, (old - new) / size]))
