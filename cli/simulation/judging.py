"""Our rule, run by run, through the functions that the Lambdas call: BlockSums, decide, next_action's stage_allowed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cli.simulation.engine import CONTINUE, PROMOTE, ROLLBACK, Codes, Counts, Ints, Mask, Rule
from cli.simulation.world import World
from switchyard.core.evidence import Block
from switchyard.core.policy import RolloutPolicy
from switchyard.rollout.rules.block_sums import BlockSums, learn
from switchyard.rollout.rules.verdict import Outcome, Verdict, decide

_METRIC = "errors"
_CODES = {Outcome.PROMOTE: PROMOTE, Outcome.ROLLBACK: ROLLBACK}


class Judge(Rule):
    """Same answers as simulation.mixture.Switchyard, a hundred times slower: what a live rollout would do."""

    name = "switchyard"

    def __init__(self, policy: RolloutPolicy) -> None:
        if len(policy.metrics) != 1:
            raise ValueError("metrics: the simulator draws one metric; name just one in the policy")
        self.policy = policy
        self.metric = next(iter(policy.metrics))

    def begin(self, runs: int, world: World) -> None:
        self.world, self.blocks = world, 0
        self.ledgers = [BlockSums(self.policy) for _ in range(runs)]
        self.verdicts: list[Verdict] = []

    def history(self, n: Ints, s: Ints) -> None:
        """Takes the correlation from the past; the baseline stays the declared one, as for all simulated rules."""
        self.ledgers = [BlockSums(self._learned(*run)) for run in zip(n, s, strict=True)]

    def _learned(self, n: Ints, s: Ints) -> RolloutPolicy:
        known = learn(self.policy, self._past(n, s)).metrics[self.metric]
        declared = self.policy.metrics[self.metric]
        return replace(self.policy, metrics={self.metric: replace(known, baseline=declared.baseline)})

    def _past(self, n: Ints, s: Ints) -> list[Block]:
        counts = enumerate(zip(n.tolist(), s.tolist(), strict=True))
        return [Block(self.metric, str(at), 0, requests, losses, 0, 0.0) for at, (requests, losses) in counts]

    def observe(self, counts: Counts) -> Codes:
        self.blocks += 1
        columns = (counts.stage, counts.n0, counts.s0, counts.n1, counts.s1)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for ledger, row in zip(self.ledgers, rows, strict=True):
            ledger.post(Block(self.metric, str(self.blocks), *row))
        self.verdicts = [decide(ledger.totals(), 0.0, self.policy) for ledger in self.ledgers]
        return np.array([_CODES.get(verdict.outcome, CONTINUE) for verdict in self.verdicts], np.int8)

    def stage_allowed(self) -> Ints:
        return np.array([verdict.stage_allowed for verdict in self.verdicts], np.int64)

    def keep(self, open_runs: Mask) -> None:
        self.ledgers = [ledger for ledger, wanted in zip(self.ledgers, open_runs, strict=True) if wanted]
        self.verdicts = [verdict for verdict, wanted in zip(self.verdicts, open_runs, strict=True) if wanted]
