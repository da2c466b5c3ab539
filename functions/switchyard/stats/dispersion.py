"""Bursts: how much the losses of one block move together, and what that costs in evidence.

When an instance fails, the requests of a minute fail together, and a block of n requests carries the
evidence of fewer than n. The design effect 1 + (n - 1) rho says of how many (Kish, Survey Sampling, 1965);
rho is the intra-block correlation, here by the method of moments from the blocks of one arm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

# Blocks are compared with their neighbours only: day and night move both models and are no bursts.
WINDOW = 32
# Overdispersion below this many standard errors is what independent requests show by chance.
NOISE = 4.0
# Estimates are rounded up to this grid, so that one more block seldom means to weigh all blocks anew.
SMALLEST, RATIO = 1e-4, 1.25


@dataclass(slots=True)
class Window:
    """Sums over neighbouring blocks: enough to compare each with their common rate."""

    blocks: int = 0
    n: float = 0.0
    s: float = 0.0
    nn: float = 0.0
    sn: float = 0.0
    ss: float = 0.0
    ss_n: float = 0.0

    def add(self, n: float, s: float) -> None:
        self.blocks += 1
        self.n += n
        self.s += s
        self.nn += n * n
        self.sn += s * n
        self.ss += s * s
        self.ss_n += s * s / n

    def scatter(self) -> tuple[float, float]:
        """Sums of (s - n p)^2 / n and of (s - n p)^2, p being the window's own rate."""
        rate = self.s / self.n
        return self.ss_n - self.s * rate, self.ss - 2 * rate * self.sn + rate * rate * self.nn


@dataclass(slots=True)
class Dispersion:
    """Running estimate of rho for one arm; blocks are added in order of time. All fields are sums."""

    requests: float = 0.0
    losses: float = 0.0
    pairs: float = 0.0  # n (n - 1)
    inverse: float = 0.0  # 1 / n
    degrees: float = 0.0
    chi: float = 0.0
    spread: float = 0.0
    window: Window = field(default_factory=Window)

    def add(self, n: float, s: float) -> None:
        """One block of n requests with losses that sum to s."""
        if n < 1:
            return
        if self.window.blocks == WINDOW:
            self.degrees, self.chi, self.spread = self._with_window()
            self.window = Window()
        self.window.add(n, s)
        self.requests += n
        self.losses += s
        self.pairs += n * (n - 1)
        self.inverse += 1 / n

    def copy(self) -> Dispersion:
        return replace(self, window=replace(self.window))

    def estimate(self) -> float:
        """rho in [0, 1]: 0 unless the blocks vary clearly more than independent requests would."""
        degrees, chi, spread = self._with_window()
        rate = self.losses / self.requests if self.requests else 0.0
        variance = rate * (1 - rate)
        if degrees < 1 or variance <= 0 or not self.pairs:
            return 0.0
        noise = math.sqrt(max(0.0, 2 * degrees + self.inverse * (1 / variance - 6)))
        if chi / variance <= degrees + NOISE * noise:
            return 0.0
        return min(1.0, max(0.0, (spread / variance - self.requests) / self.pairs))

    def _with_window(self) -> tuple[float, float, float]:
        """(degrees of freedom, both sums of scatter), the second one freed from its bias."""
        more = self.window.blocks - 1
        if more < 1:
            return self.degrees, self.chi, self.spread
        chi, spread = self.window.scatter()
        return self.degrees + more, self.chi + chi, self.spread + spread * (more + 1) / more


def rounded_up(correlation: float) -> float:
    """To the next value of the grid 0, 1e-4, 1.25e-4, ... 1."""
    if correlation <= 0:
        return 0.0
    steps = max(0, math.ceil(math.log(correlation / SMALLEST) / math.log(RATIO) - 1e-9))
    return float(min(1.0, SMALLEST * RATIO**steps))


def design_effect(n: float, correlation: float) -> float:
    """Requests per independent request in a block of n requests: 1 + (n - 1) rho, at least 1."""
    return max(1.0, 1.0 + (n - 1.0) * correlation)
