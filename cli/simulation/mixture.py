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
from switchyard.core.policy import MetricPolicy
from switchyard.rollout.rules.block_sums import HISTORY_BLOCKS, mixtures
from switchyard.stats import eprocess
from switchyard.stats.dispersion import design_effect


class CoefficientTable:
    """(c, a, b) of every bet for blocks of `look` requests, by the number of challenger requests in them.

    A row is computed when the first block has that many; with a split of 10/90 most never do.
    """

    def __init__(self, mixture: eprocess.Mixture, look: int, correlation: float = 0.0) -> None:
        self.mixture, self.look, self.correlation = mixture, look, correlation
        self.table = np.zeros((3, len(mixture.bets), look + 1))
        self.known = np.zeros(look + 1, np.bool_)
        self.known[[0, look]] = True  # one arm alone says nothing
        self.log_weights = np.array([weight for _, _, weight in mixture.bets])[:, None]

    def _row(self, n1: int) -> Floats:
        n0 = self.look - n1
        phi0, phi1 = design_effect(n0, self.correlation), design_effect(n1, self.correlation)
        found = eprocess.coefficients(self.mixture, n0 / phi0, n1 / phi1)
        return np.array([(c, a / phi0, b / phi1) for c, a, b in found]).T

    def log_e(self, n1: Ints, s0: Ints, s1: Ints) -> Floats:
        """Log e-values: the shape of the counts, with the bets as the first axis."""
        if not self.known[n1].all():
            for count in np.flatnonzero(np.bincount(n1.ravel(), minlength=self.look + 1)):
                if not self.known[count]:
                    self.table[:, :, count] = self._row(int(count))
                    self.known[count] = True
        constant, champion, challenger = self.table
        gained: Floats = constant.take(n1, axis=1)
        gained += champion.take(n1, axis=1) * s0
        gained += challenger.take(n1, axis=1) * s1
        return gained

    def mix(self, wealth: Floats, least: float) -> Floats:
        """Log of the mixture; where it is below `least` only a lower bound, which no decision asks for."""
        terms = wealth + self.log_weights
        mixed: Floats = terms.max(axis=0)
        near = np.flatnonzero(mixed >= least - math.log(len(self.log_weights)))
        top = mixed[near]
        mixed[near] = top + np.log(np.exp(terms[:, near] - top).sum(axis=0))
        return mixed


class Switchyard(Rule):
    """The rule of this project: judge() for one metric of 0/1 losses. State: one column a run."""

    def __init__(self, policy: MetricPolicy, alpha: float = 0.05, name: str = "switchyard") -> None:
        self.policy, self.threshold, self.name = policy, -math.log(alpha), name

    def begin(self, runs: int, world: World) -> None:
        self.look, self.moves, self.seen = world.look, len(world.steps), 0
        self.both = mixtures(self.policy)
        self.arms = (Arm(runs), Arm(runs))
        self.state = {
            "promote": np.zeros((len(self.both[0].bets), runs)),
            "rollback": np.zeros((len(self.both[1].bets), runs)),
            "log_e": np.zeros(runs),
            "correlation": np.full(runs, self.policy.correlation or 0.0),
            "known": np.full(runs, self.policy.correlation is not None),
            "blocks": np.zeros((3, 64, runs), np.int16),
        }

    def table(self, side: int, correlation: float) -> CoefficientTable:
        return table_of(self.both[side], self.look, correlation)

    def history(self, n: Ints, s: Ints) -> None:
        """As rollout.rules.block_sums.learn, for the correlation; the baseline stays the policy's."""
        arm = Arm(len(n))
        for block in range(n.shape[1]):
            arm.add(n[:, block], s[:, block])
        if n.shape[1] >= HISTORY_BLOCKS and self.policy.correlation is None:
            self.state["known"][:] = True
            self.state["correlation"] = grid_of(arm.estimate())

    def observe(self, counts: Counts) -> Codes:
        return decide(*self.weigh(counts), self.threshold)

    def weigh(self, counts: Counts, *, exact: bool = False) -> tuple[Floats, Floats]:
        """Log e-values (promotion, rollback) with one more block; unless `exact`, a bound where they are small."""
        self._remember(counts)
        self.arms[0].add(counts.n0, counts.s0)
        self.arms[1].add(counts.n1, counts.s1)
        self._weigh(counts, self._correlation())
        limits = (-math.inf, -math.inf) if exact else (self.threshold / self.moves, self.threshold)
        promote = self.table(0, 0.0).mix(self.state["promote"], limits[0])
        rollback = self.table(1, 0.0).mix(self.state["rollback"], limits[1])
        self.state["log_e"] = promote
        return promote, rollback

    def _remember(self, counts: Counts) -> None:
        blocks = self.state["blocks"]
        if self.seen == blocks.shape[1]:
            blocks = self.state["blocks"] = np.concatenate([blocks, np.zeros_like(blocks)], axis=1)
        for row, values in enumerate((counts.n1, counts.s0, counts.s1)):
            blocks[row, self.seen] = values
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
                gained[:, at] = self.table(k, value).log_e(counts.n1[at], counts.s0[at], counts.s1[at])
            self.state[side] += gained
            for value, at in _alike(correlation, changed):
                n1, s0, s1 = self.state["blocks"][:, : self.seen, at]
                self.state[side][:, at] = self.table(k, value).log_e(n1, s0, s1).sum(axis=1)

    def stage_allowed(self) -> Ints:
        return self.steps_of(self.state["log_e"])

    def steps_of(self, log_e: Floats) -> Ints:
        """The step that so much evidence allows."""
        steps = np.floor(log_e * self.moves / self.threshold + 1e-12)
        allowed: Ints = np.clip(steps, 0, self.moves).astype(np.int64)
        return allowed

    def keep(self, open_runs: Mask) -> None:
        self.state = {name: columns[..., open_runs] for name, columns in self.state.items()}
        for arm in self.arms:
            arm.keep(open_runs)


# The cells of a benchmark ask for the same few processes again and again.
table_of = lru_cache(maxsize=256)(CoefficientTable)


def _alike(values: Floats, rows: Ints) -> Iterator[tuple[float, Ints]]:
    """The rows, grouped by value."""
    if not rows.size:
        return
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
        self.state["wealth"] += self.table.log_e(counts.n1, counts.s0, counts.s1).T
        sure = self.state["wealth"][:, 0] >= self.threshold
        codes: Codes = np.where(sure, PROMOTE if self.better else ROLLBACK, CONTINUE).astype(np.int8)
        return codes
