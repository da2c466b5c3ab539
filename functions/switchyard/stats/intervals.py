"""One-look intervals for paired differences on the holdout. Bounds are one-sided, each at level 1 - alpha."""

from __future__ import annotations

import math

from switchyard.stats import normal
from switchyard.stats.moments import Moments

Interval = tuple[float, float]


def mean_interval(values: Moments, alpha: float, widening: float = 1.0) -> Interval:
    """Normal interval of a mean (rows independent, hundreds of them; else widened by what they share)."""
    half = normal.quantile(1 - alpha) * widening * values.error
    return values.mean - half, values.mean + half


def proportion_interval(successes: float, rows: int, alpha: float, widening: float = 1.0) -> Interval:
    """Score interval of a share (Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22, 1927).
    """
    z = normal.quantile(1 - alpha) * widening
    share, weight = successes / rows, z * z / rows
    middle = (share + weight / 2) / (1 + weight)
    half = z * math.sqrt(share * (1 - share) / rows + weight / rows / 4) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)


def paired_interval(difference: Moments, alpha: float, widening: float = 1.0) -> Interval:
    """Score interval of the difference of two 0/1 losses on the same rows, from differences in {-1, 0, 1}.

    Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample
    design", Statistics in Medicine 17, 1998: keeps its level when models hardly ever disagree, where a z
    interval has no width.
    """
    z = normal.quantile(1 - alpha) * widening
    worse, better = discordant(difference)
    n = difference.n
    return (
        _where_score_is(z, worse, better, n, -1.0, difference.mean),
        _where_score_is(-z, worse, better, n, difference.mean, 1.0),
    )


def discordant(difference: Moments) -> tuple[float, float]:
    """(rows only the challenger got wrong, rows only the champion did), from differences in {-1, 0, 1}."""
    changed = difference.m2 + difference.n * difference.mean**2
    net = difference.n * difference.mean
    return round((changed + net) / 2), round((changed - net) / 2)


def _where_score_is(target: float, worse: float, better: float, n: int, low: float, high: float) -> float:
    """The difference at which the score statistic, which falls as the difference grows, equals `target`."""
    for _ in range(60):
        middle = 0.5 * (low + high)
        if _score(middle, worse, better, n) > target:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _score(delta: float, worse: float, better: float, n: int) -> float:
    b = -worse - better + (2 * n - worse + better) * delta
    c = -better * delta * (1 - delta)
    q = (math.sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
    variance = n * (2 * q + delta * (1 - delta))
    net = worse - better - n * delta
    if variance <= 0:
        return math.copysign(math.inf, net) if net else 0.0
    return net / math.sqrt(variance)
