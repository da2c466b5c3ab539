"""Our rule and the oracle, vectorised over runs.
 The coefficients come from the very functions that the Lambdas call (switchyard.stats.eprocess); only the
sums over blocks are done by numpy. tests/simulation checks that the decisions are those of `judge`.
"""

from __future__ import annotations

import math

import numpy as np

from cli.simulation.engine import CONTINUE, PROMOTE, ROLLBACK, Codes, Counts, Floats, Ints, Rule
from cli.simulation.world import World
from switchyard.domain.ledger import mixtures
from switchyard.domain.policy import MetricPolicy
from switchyard.stats import eprocess


class CoefficientTable:
    """(c, a, b) of every bet for blocks of `look` requests, by the number of challenger requests in them."""

    def __init__(self, mixture: eprocess.Mixture, look: int) -> None:
        empty = ((0.0, 0.0, 0.0),) * len(mixture.bets)
        rows = [
            eprocess.block_coefficients(mixture, look - n1, n1) if 0 < n1 < look else empty
            for n1 in range(look + 1)
        ]
        table = np.array(rows)
        self.constant, self.champion, self.challenger = (
            np.ascontiguousarray(table[:, :, k]) for k in range(3)
        )
        self.log_weights = np.array([weight for _, _, weight in mixture.bets])

    def log_e(self, counts: Counts) -> Floats:
        """(runs, bets)."""
        gained: Floats = self.constant[counts.n1]
        gained += self.champion[counts.n1] * counts.s0[:, None]
        gained += self.challenger[counts.n1] * counts.s1[:, None]
        return gained

    def mix(self, wealth: Floats) -> Floats:
        terms = wealth + self.log_weights
        top = terms.max(axis=1)
        mixed: Floats = top + np.log(np.exp(terms - top[:, None]).sum(axis=1))
        return mixed


class Switchyard(Rule):
    """The rule of this project: judge() for one metric of 0/1 losses."""

    name = "switchyard"

    def __init__(self, policy: MetricPolicy, alpha: float = 0.05) -> None:
        self.policy, self.threshold = policy, -math.log(alpha)

    def begin(self, runs: int, world: World) -> None:
        promote, rollback = mixtures(self.policy)
        self.tables = {
            "promote": CoefficientTable(promote, world.look),
            "rollback": CoefficientTable(rollback, world.look),
        }
        self.moves = len(world.steps)
        self.state = {side: np.zeros((runs, len(table.log_weights))) for side, table in self.tables.items()}
        self.state["log_e"] = np.zeros(runs)

    def observe(self, counts: Counts) -> Codes:
        found = {}
        for side, table in self.tables.items():
            self.state[side] += table.log_e(counts)
            found[side] = table.mix(self.state[side])
        self.state["log_e"] = found["promote"]
        return decide(found["promote"], found["rollback"], self.threshold)

    def stage_allowed(self) -> Ints:
        steps = np.floor(self.state["log_e"] * self.moves / self.threshold + 1e-12)
        allowed: Ints = np.clip(steps, 0, self.moves).astype(np.int64)
        return allowed


def decide(promote: Floats, rollback: Floats, threshold: float) -> Codes:
    """Rollback is looked at first."""
    codes = np.where(promote >= threshold, PROMOTE, CONTINUE)
    decided: Codes = np.where(rollback >= threshold, ROLLBACK, codes).astype(np.int8)
    return decided


class Oracle(Rule):
    """Wald's test by one who knows the true rates and bets on them alone: what no rule can be much better than."""

    name = "oracle SPRT"

    def __init__(self, policy: MetricPolicy, alpha: float = 0.05) -> None:
        self.policy, self.threshold = policy, -math.log(alpha)

    def begin(self, runs: int, world: World) -> None:
        policy = self.policy
        self.better = world.difference < (policy.margin + policy.tolerance) / 2
        line = policy.margin if self.better else policy.tolerance
        p0, p1 = world.rates(0)
        mixture = eprocess.Mixture(line, self.better, ((p0, p1, 0.0),))
        self.table = CoefficientTable(mixture, world.look)
        self.state = {"wealth": np.zeros((runs, 1))}

    def observe(self, counts: Counts) -> Codes:
        self.state["wealth"] += self.table.log_e(counts)
        sure = self.state["wealth"][:, 0] >= self.threshold
        codes: Codes = np.where(sure, PROMOTE if self.better else ROLLBACK, CONTINUE).astype(np.int8)
        return codes
