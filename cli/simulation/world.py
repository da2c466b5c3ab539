"""The truth of a simulated rollout: rates, split, ramp, drift, bursts and label delay."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from switchyard.stats import bounds


class Ramp(StrEnum):
    FIXED = "fixed"  # the first step for ever
    TIME = "time"  # one step after so many requests
    EVIDENCE = "evidence"  # one step when the rule allows it


class Drift(StrEnum):
    """How the champion's own rate moves; the difference of the two models stays."""

    NONE = "none"
    DAY = "day"  # half the rate at night, one and a half by day
    UP = "up"  # from one half to two and a half times the rate, over the ramp
    DOWN = "down"  # the reverse


@dataclass(frozen=True)
class World:
    """champion: mean loss; difference: challenger minus champion. Requests are counted in both arms together.

    look: requests a block, which is also a look. burst: probability that a block of one arm fails at
    `burst_rate`. history: blocks of the champion alone before the rollout starts. label_delay: requests until
    a block is labelled.
    """

    champion: float
    difference: float = 0.0
    look: int = 100
    ramp: Ramp = Ramp.FIXED
    steps: tuple[float, ...] = (0.10, 0.25, 0.50)
    step_requests: int = 10_000
    drift: Drift = Drift.NONE
    burst: float = 0.0
    burst_rate: float = 0.2
    history: int = 0
    label_delay: int = 0

    def __post_init__(self) -> None:
        for requests in (0, self.step_requests, 3 * self.step_requests, 5 * self.step_requests / 4):
            p0, p1 = self.rates(requests)
            if not (0 <= p0 <= 1 and 0 <= p1 <= 1):
                raise ValueError(
                    f"difference {self.difference}: a loss rate leaves [0, 1] ({p0:.4g}, {p1:.4g})"
                )

    def rates(self, requests: float) -> tuple[float, float]:
        """Loss rates of champion and challenger after so many requests."""
        p0 = self.champion * self._drifted(requests)
        return p0, p0 + self.difference

    def _drifted(self, requests: float) -> float:
        ramp = min(1.0, requests / (len(self.steps) * self.step_requests))
        if self.drift is Drift.DAY:
            return 1 + 0.5 * math.sin(2 * math.pi * requests / self.step_requests)
        if self.drift is Drift.UP:
            return 0.5 + 2 * ramp
        return 2.5 - 2 * ramp if self.drift is Drift.DOWN else 1.0

    def stage(self, requests: float) -> int:
        """The step that the clock gives; the evidence ramp asks the rule instead."""
        if self.ramp is Ramp.FIXED:
            return 0
        return min(len(self.steps) - 1, int(requests // self.step_requests))

    def wald(self, margin: float, tolerance: float = 0.0, alpha: float = 0.05) -> float:
        """Requests below which no rule with both errors at alpha can stay on average (drift ignored).

        Along a ramp it is the inverse of the information curve: a reference. With the evidence ramp, the time
        ramp's.
        """
        last = 0 if self.ramp is Ramp.FIXED else len(self.steps) - 1
        nats = self.information(margin, tolerance)[: last + 1]
        lengths = [self.step_requests] * last + [math.inf]
        return bounds.wald_requests(bounds.needed(alpha, alpha), zip(lengths, nats, strict=True))

    def information(self, margin: float, tolerance: float = 0.0) -> list[float]:
        """Nats a request of each step gives about the question that the true difference settles (drift ignored)."""
        line = margin if self.difference < (margin + tolerance) / 2 else tolerance
        rates = replace(self, drift=Drift.NONE).rates(0)
        return [bounds.information(*rates, line, weight) for weight in self.steps]
