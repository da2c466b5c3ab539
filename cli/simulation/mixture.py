"""Our rule and the oracle, vectorised over runs.

The coefficients come from the very functions that the Lambdas call (switchyard.stats.eprocess); numpy only adds them
up over blocks. tests/simulation holds it to `judge`: same log-wealth, same verdict at the same look.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np

from cli.simulation.bursts import Arm, grid_of
from cli.simulation.engine import CONTINUE, PROMOTE, ROLLBACK, Codes, Counts, Floats, Ints, Mask, Rule
from cli.simulation.world import Drift, World
from switchyard.domain.ledger import HISTORY_BLOCKS, mixtures
from switchyard.domain.policy import MetricPolicy
from switchyard.stats import eprocess
from switchyard.stats.dispersion import design_effect


class CoefficientTable:
    """(c, a, b) of every bet for blocks of `look` requests, by the number of challenger requests in them."""

    def __init__(self, mixture: eprocess.Mixture, look: int, correlation: float = 0.0) -> None:
        rows = [self._row(mixture, look - n1, n1, correlation) for n1 in range(look + 1)]
        table = np.array(rows)
        self.constant, self.champion, self.challenger = (
            np.ascontiguousarray(table[:, :, k]) for k in range(3)
        )
        self.log_weights = np.array([weight for _, _, weight in mixture.bets])

    @staticmethod
    def _row(mixture: eprocess.Mixture, n0: int, n1: int, correlation: float) -> eprocess.Coefficients:
        if not n0 or not n1:
            return ((0.0, 0.0, 0.0),) * len(mixture.bets)
        phi0, phi1 = design_effect(n0, correlation), design_effect(n1, correlation)
        found = eprocess.coefficients(mixture, n0 / phi0, n1 / phi1)
        return tuple((c, a / phi0, b / phi1) for c, a, b in found)

    def log_e(self, n1: Ints, s0: Ints, s1: Ints) -> Floats:
        """Log e-values: the shape of the counts, with the bets as the last axis."""
        gained: Floats = self.constant[n1]
        gained += self.champion[n1] * s0[..., None]
        gained += self.challenger[n1] * s1[..., None]
        return gained

    def mix(self, wealth: Floats, least: float) -> Floats:
        """Log of the mixture; where it is below `least` only a lower bound, which no decision asks for."""
        terms = wealth + self.log_weights
        mixed: Floats = terms.max(axis=1)
        near = np.flatnonzero(mixed >= least - math.log(len(self.log_weights)))
        top = mixed[near]
        mixed[near] = top + np.log(np.exp(terms[near] - top[:, None]).sum(axis=1))
        return mixed


class Switchyard(Rule):
    """The rule of this project: judge() for one metric of 0/1 losses."""

    def __init__(self, policy: MetricPolicy, alpha: float = 0.05, name: str = "switchyard") -> None:
        self.policy, self.threshold, self.name = policy, -math.log(alpha), name

    def begin(self, runs: int, world: World) -> None:
        self.look, self.moves, self.seen = world.look, len(world.steps), 0
        self.both = mixtures(self.policy)
        self.table = lru_cache(maxsize=None)(self._table)
        self.arms = (Arm(runs), Arm(runs))
        self.state = {
            "promote": np.zeros((runs, len(self.both[0].bets))),
            "rollback": np.zeros((runs, len(self.both[1].bets))),
            "log_e": np.zeros(runs),
            "correlation": np.full(runs, self.policy.correlation or 0.0),
            "known": np.full(runs, self.policy.correlation is not None),
            "blocks": np.zeros((runs, 64, 3), np.int16),
        }

    def _table(self, side: int, correlation: float) -> CoefficientTable:
        return CoefficientTable(self.both[side], self.look, correlation)

    def history(self, n: Ints, s: Ints) -> None:
        """As domain.ledger.learn, for the correlation; the baseline stays the policy's."""
        arm = Arm(len(n))
        for block in range(n.shape[1]):
            arm.add(n[:, block], s[:, block])
        if n.shape[1] >= HISTORY_BLOCKS and self.policy.correlation is None:
            self.state["known"][:] = True
            self.state["correlation"] = grid_of(arm.estimate())

    def observe(self, counts: Counts) -> Codes:
        self._remember(counts)
        self.arms[0].add(counts.n0, counts.s0)
        self.arms[1].add(counts.n1, counts.s1)
        self._weigh(counts, self._correlation())
        promote = self.table(0, 0.0).mix(self.state["promote"], self.threshold / self.moves)
        rollback = self.table(1, 0.0).mix(self.state["rollback"], self.threshold)
        self.state["log_e"] = promote
        return decide(promote, rollback, self.threshold)

    def _remember(self, counts: Counts) -> None:
        blocks = self.state["blocks"]
        if self.seen == blocks.shape[1]:
            blocks = self.state["blocks"] = np.concatenate([blocks, np.zeros_like(blocks)], axis=1)
        blocks[:, self.seen] = np.stack([counts.n1, counts.s0, counts.s1], axis=1)
        self.seen += 1

    def _correlation(self) -> Floats:
        found = grid_of(np.maximum(*(arm.estimate() for arm in self.arms)))
        live: Floats = np.where(self.state["known"], self.state["correlation"], found)
        return live

    def _weigh(self, counts: Counts, correlation: Floats) -> None:
        """Add the newest block; runs that have shown another correlation weigh all their blocks anew."""
        changed = np.flatnonzero(correlation != self.state["correlation"])
        self.state["correlation"] = correlation
        for k, side in enumerate(("promote", "rollback")):
            # Most runs have no bursts: one table for all of them, then the others.
            gained = self.table(k, 0.0).log_e(counts.n1, counts.s0, counts.s1)
            for value, at in _alike(correlation, np.flatnonzero(correlation)):
                gained[at] = self.table(k, value).log_e(counts.n1[at], counts.s0[at], counts.s1[at])
            self.state[side] += gained
            for value, at in _alike(correlation, changed):
                n1, s0, s1 = np.moveaxis(self.state["blocks"][at, : self.seen], 2, 0)
                self.state[side][at] = self.table(k, value).log_e(n1, s0, s1).sum(axis=1)

    def stage_allowed(self) -> Ints:
        steps = np.floor(self.state["log_e"] * self.moves / self.threshold + 1e-12)
        allowed: Ints = np.clip(steps, 0, self.moves).astype(np.int64)
        return allowed

    def keep(self, open_runs: Mask) -> None:
        super().keep(open_runs)
        for arm in self.arms:
            arm.keep(open_runs)


def _alike(values: Floats, rows: Ints) -> Iterator[tuple[float, Ints]]:
    """The rows, grouped by value."""
    for value in np.unique(values[rows]):
        yield float(value), rows[values[rows] == value]


def decide(promote: Floats, rollback: Floats, threshold: float) -> Codes:
    """Rollback is looked at first."""
    codes = np.where(promote >= threshold, PROMOTE, CONTINUE)
    decided: Codes = np.where(rollback >= threshold, ROLLBACK, codes).astype(np.int8)
    return decided


class Oracle(Rule):
    """Wald's test by one who knows the true rates and bets on them alone: hardly any rule can be better."""

    name = "oracle SPRT"

    def __init__(self, policy: MetricPolicy, alpha: float = 0.05) -> None:
        self.policy, self.threshold = policy, -math.log(alpha)

    def begin(self, runs: int, world: World) -> None:
        self.better = world.difference < (self.policy.margin + self.policy.tolerance) / 2
        line = self.policy.margin if self.better else self.policy.tolerance
        calm = replace(world, drift=Drift.NONE)
        bet = eprocess.Mixture(line, self.better, ((*calm.rates(0), 0.0),))
        self.table = CoefficientTable(bet, world.look)
        self.state = {"wealth": np.zeros((runs, 1))}

    def observe(self, counts: Counts) -> Codes:
        self.state["wealth"] += self.table.log_e(counts.n1, counts.s0, counts.s1)
        sure = self.state["wealth"][:, 0] >= self.threshold
        codes: Codes = np.where(sure, PROMOTE if self.better else ROLLBACK, CONTINUE).astype(np.int8)
        return codes
