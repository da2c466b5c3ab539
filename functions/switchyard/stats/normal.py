"""The normal distribution in two functions: importing `statistics` would cost a Lambda much more."""

from __future__ import annotations

import math


def cdf(z: float) -> float:
    """P(Z <= z)."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def quantile(probability: float) -> float:
    """z with P(Z <= z) = probability, by Newton's method on the closed form; probability in (0, 1)."""
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie between 0 and 1 (both excluded), got {probability!r}")
    if probability > 0.5:
        return -quantile(1 - probability)
    # From this lower bound of the root Newton rises without overshooting: the cdf is convex below 0.
    z = -math.sqrt(-2 * math.log(2 * probability)) if probability < 0.5 else 0.0
    for _ in range(60):
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        step = (cdf(z) - probability) / density
        z -= step
        if abs(step) < 1e-13:
            break
    return z
