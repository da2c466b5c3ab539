"""How few requests could do: the information of a request, and Wald's lower bound for any sequential rule."""

from __future__ import annotations

import math
from collections.abc import Iterable

from switchyard.stats import ripr


def relative_entropy(x: float, y: float) -> float:
    """Binary relative entropy d(x, y) in nats."""
    first = x * math.log(x / y) if x > 0 else 0.0
    second = (1 - x) * math.log((1 - x) / (1 - y)) if x < 1 else 0.0
    return first + second


def information(p0: float, p1: float, d: float, weight: float) -> float:
    """Nats a request gives against the line rate1 = rate0 + d, when a share `weight` of requests is the
    challenger's.

    The distance of the truth (p0, p1) to the nearest point of the line: min over q of
    (1-w) d(p0, q) + w d(p1, q + d).
    """
    q = ripr.nearest_null(p0, p1, d, 1 - weight, weight)
    return (1 - weight) * relative_entropy(p0, q) + weight * relative_entropy(p1, q + d)


def needed(alpha: float, beta: float) -> float:
    """Nats that any rule with error probabilities alpha and beta has to collect on average.

    Wald, "Sequential tests of statistical hypotheses", Ann. Math. Statist. 16, 1945: E[N] >= d(1-beta, alpha)
    / I.
    """
    return relative_entropy(1 - beta, alpha)


def wald_requests(nats: float, pieces: Iterable[tuple[float, float]]) -> float:
    """Requests to collect `nats` along a ramp of (requests at this split, nats a request)."""
    spent = 0.0
    rate = 0.0
    for requests, rate in pieces:
        if nats <= requests * rate:
            break
        nats -= requests * rate
        spent += requests
    return spent + (nats / rate if rate > 0 else math.inf)


def sprt_requests(p: float, q: float, alpha: float, beta: float) -> tuple[float, float]:
    """Wald's average sample numbers of the one-sample test p against q: (when p is true, when q is true)."""
    upper, lower = math.log((1 - beta) / alpha), math.log(beta / (1 - alpha))
    under_p = (alpha * upper + (1 - alpha) * lower) / -relative_entropy(p, q)
    under_q = ((1 - beta) * upper + beta * lower) / relative_entropy(q, p)
    return under_p, under_q
