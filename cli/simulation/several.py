"""Our rule for several metrics: promotion needs every one, rollback the mean of their e-values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from cli.simulation.engine import Codes, Counts, Floats, Ints, Mask, Rule
from cli.simulation.mixture import Switchyard, decide
from cli.simulation.world import World
from switchyard.core.policy import MetricPolicy


@dataclass(frozen=True)
class Second:
    """A metric beside the world's own: loss rates of champion and challenger, and what is declared about it."""

    champion: float
    difference: float
    policy: MetricPolicy


class Several(Rule):
    """judge() for the world's own metric and others, whose losses are drawn here for the same requests."""

    name = "switchyard"

    def __init__(
        self, policy: MetricPolicy, others: Mapping[str, Second], alpha: float = 0.05, seed: int = 1
    ) -> None:
        self.others, self.seed, self.threshold = others, seed, -math.log(alpha)
        self.rules = [Switchyard(each, alpha) for each in (policy, *(o.policy for o in others.values()))]

    def begin(self, runs: int, world: World) -> None:
        self.random = np.random.default_rng(self.seed)
        self.state = {}
        for rule in self.rules:
            rule.begin(runs, world)

    def observe(self, counts: Counts) -> Codes:
        self.seen = [counts, *(self._losses(counts, other) for other in self.others.values())]
        both = [rule.weigh(own, exact=True) for rule, own in zip(self.rules, self.seen, strict=True)]
        promote: Floats = np.min([log_e for log_e, _ in both], axis=0)
        logs = np.array([log_e for _, log_e in both])
        rollback: Floats = np.logaddexp.reduce(logs, axis=0) - math.log(len(logs))
        self.slowest = promote
        return decide(promote, rollback, self.threshold)

    def _losses(self, counts: Counts, other: Second) -> Counts:
        s0 = self.random.binomial(counts.n0, other.champion)
        return replace(counts, s0=s0, s1=self.random.binomial(counts.n1, other.champion + other.difference))

    def stage_allowed(self) -> Ints:
        return self.rules[0].steps_of(self.slowest)

    def keep(self, open_runs: Mask) -> None:
        self.slowest = self.slowest[open_runs]
        for rule in self.rules:
            rule.keep(open_runs)
