"""Bursts: how much the losses of one block move together, and what that costs in evidence.
 When an instance fails, the requests of a minute fail together and a block of n requests carries less than n
requests' worth of evidence. The design effect 1 + (n - 1) rho says how much less (Kish, Survey Sampling,
1965); rho is the intra-block correlation, here by the method of moments from blocks of one arm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

# Overdispersion below this many standard errors is what independent requests show by chance.
_NOISE = 4.0


def intra_block_correlation(blocks: Iterable[tuple[float, float]]) -> float:
    """rho in [0, 1] from (requests, sum of losses) of one arm's blocks; 0 unless clearly above chance."""
    counts = [(n, s) for n, s in blocks if n > 1]
    total = sum(n for n, _ in counts)
    rate = sum(s for _, s in counts) / total if total else 0.0
    variance = rate * (1 - rate)
    if len(counts) < 2 or variance <= 0:
        return 0.0
    chi = sum((s - n * rate) ** 2 / n for n, s in counts) / variance
    degrees = len(counts) - 1
    noise = math.sqrt(2 * degrees + sum(1 / n for n, _ in counts) * (1 / variance - 6))
    if chi <= degrees + _NOISE * noise:
        return 0.0
    excess = sum((s - n * rate) ** 2 for n, s in counts) / variance * len(counts) / degrees - total
    return min(1.0, max(0.0, excess / sum(n * (n - 1) for n, _ in counts)))


def design_effect(n: float, correlation: float) -> float:
    """Requests per independent request in a block of n requests: 1 + (n - 1) rho, at least 1."""
    return max(1.0, 1.0 + (n - 1.0) * correlation)
