"""How others decide, re-implemented from their sources and documentation on one common stream.

Thresholds are ours where theirs are the user's to set (docs/decision-rule.md says which); other settings move the
errors of a rule in either direction, none bounds them.
"""

from __future__ import annotations

import math

import numpy as np

from cli.simulation.boundaries import obrien_fleming
from cli.simulation.engine import CONTINUE, PROMOTE, ROLLBACK, Codes, Counts, Floats, Mask, Rule
from cli.simulation.world import World
from switchyard.core.policy import MetricPolicy
from switchyard.stats import normal


class Peer(Rule):
    """A rule that is looked at every `interval` requests; between looks it only counts."""

    def __init__(self, policy: MetricPolicy, alpha: float = 0.05, interval: int = 1_000) -> None:
        self.policy, self.alpha, self.interval = policy, alpha, interval
        self.z = normal.quantile(1 - alpha)

    def begin(self, runs: int, world: World) -> None:
        self.world, self.counted, self.looks, self.requests = world, 0, 0, 0
        self.state = {name: np.zeros(runs) for name in ("n0", "s0", "n1", "s1")}

    def observe(self, counts: Counts) -> Codes:
        for name in ("n0", "s0", "n1", "s1"):
            self.state[name] += getattr(counts, name)
        self.counted += int(counts.n0[0] + counts.n1[0]) if len(counts.n0) else 0
        if self.counted < self.interval:
            return np.zeros(len(counts.n0), np.int8)
        self.counted = 0
        self.looks += 1
        self.requests = counts.requests
        promote, rollback = self.look()
        codes: Codes = np.where(rollback, ROLLBACK, np.where(promote, PROMOTE, CONTINUE)).astype(np.int8)
        return codes

    def look(self) -> tuple[Mask, Mask]:
        """(promote, roll back) for every open run."""
        raise NotImplementedError

    def forget(self) -> None:
        """Start the next interval from zero."""
        for name in ("n0", "s0", "n1", "s1"):
            self.state[name] = np.zeros_like(self.state[name])

    def difference(self) -> tuple[Floats, Floats]:
        """(estimate, standard error), pooled over all counts since the last `forget`."""
        n0, n1 = np.maximum(self.state["n0"], 1), np.maximum(self.state["n1"], 1)
        p0, p1 = self.state["s0"] / n0, self.state["s1"] / n1
        error: Floats = np.sqrt(p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1)
        estimate: Floats = p1 - p0
        return estimate, np.maximum(error, 1e-12)

    def enough(self) -> Mask:
        """A loss on each side: below that there is no variance to estimate."""
        found: Mask = (self.state["s0"] >= 1) & (self.state["s1"] >= 1)
        return found

    def nothing(self) -> Mask:
        return np.zeros(len(self.state["n0"]), np.bool_)


class Flagger(Peer):
    """flagger pkg/controller/scheduler.go: a failed check counts, never decreases, and the threshold-th rolls back.

    Each passed check moves the weight one step; promotion after 10 (docs: maxWeight 50, stepWeight 5, threshold 10).
    The check: the canary's rate of the interval is at most champion rate + margin.
    """

    name = "Flagger"
    checks, threshold = 10, 10

    def begin(self, runs: int, world: World) -> None:
        super().begin(runs, world)
        self.state["passed"], self.state["failed"] = np.zeros(runs), np.zeros(runs)

    def look(self) -> tuple[Mask, Mask]:
        rate = self.state["s1"] / np.maximum(self.state["n1"], 1)
        bad = rate > self.policy.baseline + self.policy.margin
        self.state["failed"] += bad
        self.state["passed"] += ~bad
        self.forget()
        return self.state["passed"] >= self.checks, self.state["failed"] >= self.threshold


class Argo(Flagger):
    """argo-rollouts analysis/analysis.go: failed when more than `failureLimit` measurements fail, successful after
    `count`. count 10, failureLimit 3 (its default of 0 rolls back almost everything).
    """

    name = "Argo Rollouts"
    count, failure_limit = 10, 3

    def look(self) -> tuple[Mask, Mask]:
        super().look()
        promote = self.state["passed"] + self.state["failed"] >= self.count
        return promote, self.state["failed"] > self.failure_limit


class Kayenta(Peer):
    """kayenta MannWhitneyClassifier.scala: per-interval rates, Mann-Whitney interval at 0.98; "High" when its lower end
    exceeds 0.25 x |Hodges-Lehmann|. Judged every 10 of 60 intervals; one failed judgement is final, the last passes.
    """

    name = "Kayenta"
    confidence, tolerance, intervals, every = 0.98, 0.25, 60, 10

    def begin(self, runs: int, world: World) -> None:
        super().begin(runs, world)
        self.state["old"], self.state["new"] = (np.zeros((runs, self.intervals)) for _ in range(2))

    def look(self) -> tuple[Mask, Mask]:
        at = self.looks - 1
        if at < self.intervals:
            self.state["old"][:, at] = self.state["s0"] / np.maximum(self.state["n0"], 1)
            self.state["new"][:, at] = self.state["s1"] / np.maximum(self.state["n1"], 1)
        self.forget()
        if self.looks % self.every or self.looks > self.intervals:
            return self.nothing(), self.nothing()
        high = self._high(self.looks)
        return ~high & (self.looks == self.intervals), high

    def _high(self, k: int) -> Mask:
        z = normal.quantile(0.5 + self.confidence / 2)
        rank = max(0, math.floor(k * k / 2 - z * math.sqrt(k * k * (2 * k + 1) / 12)))
        high = self.nothing()
        for start in range(0, len(high), 500):
            part = slice(start, start + 500)
            shifts = self.state["new"][part, :k, None] - self.state["old"][part, None, :k]
            ordered = np.partition(shifts.reshape(len(shifts), -1), (rank, k * k // 2), axis=1)
            high[part] = ordered[:, rank] > self.tolerance * np.abs(ordered[:, k * k // 2])
        return high & (rank > 0)


class GrowthBook(Peer):
    """growthbook gbstats, N* = 5000 (settings.py): asymptotic confidence sequence on pooled means.

    Half-width: Waudby-Smith et al., arXiv:2103.06476, eq. 9. Promote when it lies below the margin, roll back above 0.
    """

    name = "GrowthBook"
    tuning = 5_000

    def look(self) -> tuple[Mask, Mask]:
        estimate, error = self.difference()
        n = np.maximum(self.state["n0"] + self.state["n1"], 1)
        alpha = 2 * self.alpha
        rho2 = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / self.tuning
        half = error * np.sqrt(
            n * 2 * (n * rho2 + 1) * np.log(np.sqrt(n * rho2 + 1) / alpha) / (n * n * rho2)
        )
        ready = self.enough()
        return ready & (estimate + half < self.policy.margin), ready & (
            estimate - half > self.policy.tolerance
        )


class PeekingZ(Peer):
    """A z-test at every look, as if it were the only one."""

    name = "peeking z"

    def look(self) -> tuple[Mask, Mask]:
        better, worse = self.scores()
        return self.enough() & (better > self.z), self.enough() & (worse > self.z)

    def scores(self) -> tuple[Floats, Floats]:
        """z for "harm is below the margin" and for "there is harm"."""
        estimate, error = self.difference()
        return (self.policy.margin - estimate) / error, (estimate - self.policy.tolerance) / error


class FixedHorizonZ(PeekingZ):
    """One z-test, at the size that gives power 95 % at the margin for the split of the ramp."""

    name = "fixed-horizon z"

    def begin(self, runs: int, world: World) -> None:
        super().begin(runs, world)
        self.size = fixed_horizon(self.policy, world, self.alpha)

    def look(self) -> tuple[Mask, Mask]:
        if not self.size <= self.requests < self.size + self.interval:
            return self.nothing(), self.nothing()
        return super().look()


class GroupSequential(PeekingZ):
    """Ten equally spaced looks with O'Brien-Fleming-like spending, one-sided alpha for each of both questions."""

    name = "group-sequential OBF"
    planned, inflation = 10, 1.03

    def begin(self, runs: int, world: World) -> None:
        super().begin(runs, world)
        size = self.inflation * fixed_horizon(self.policy, world, self.alpha)
        self.interval = max(world.look, round(size / self.planned / world.look) * world.look)
        self.boundaries = obrien_fleming(self.planned, self.alpha)

    def look(self) -> tuple[Mask, Mask]:
        if self.looks > self.planned:
            return self.nothing(), self.nothing()
        boundary = self.boundaries[self.looks - 1]
        better, worse = self.scores()
        return better > boundary, worse > boundary


def fixed_horizon(policy: MetricPolicy, world: World, alpha: float) -> float:
    """Requests at which one z-test has error alpha and power 1 - alpha at the margin, along the declared ramp."""
    p = policy.baseline
    needed = (2 * normal.quantile(1 - alpha)) ** 2 * p * (1 - p) / (policy.margin - policy.tolerance) ** 2
    n0 = n1 = requests = 0.0
    while n0 == 0 or 1 / n0 + 1 / n1 > 1 / needed:
        weight = world.steps[world.stage(requests)]
        n0, n1, requests = n0 + world.look * (1 - weight), n1 + world.look * weight, requests + world.look
    return requests


PEERS: tuple[type[Peer], ...] = (
    Flagger,
    Argo,
    Kayenta,
    GrowthBook,
    GroupSequential,
    PeekingZ,
    FixedHorizonZ,
)
