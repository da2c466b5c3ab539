"""The rollout as it was seen: after every period, what the decision rule itself makes of the blocks until then."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise

from switchyard.core.evidence import Block, Evidence
from switchyard.core.policy import RolloutPolicy
from switchyard.rollout.rules.block_sums import BlockSums
from switchyard.rollout.rules.timeline import time_order
from switchyard.rollout.rules.verdict import MetricVerdict, Verdict, decide, judge
from switchyard.stats import eprocess

LOOKS_SHOWN = 120  # a plot shows no more
INTERVALS_SHOWN = 24  # an interval costs as much as a hundred e-values
EARLIEST_EPOCH = 1e8  # block ids below are counters, not times


@dataclass(frozen=True)
class Look:
    """at: seconds since the rollout began, or the number of the block where blocks carry no time.

    has_intervals: the intervals of the difference were computed; without, they are -1 to 1.
    """

    at: float
    verdict: Verdict
    has_intervals: bool

    @property
    def mean_rollback(self) -> float:
        """Log of the mean of the metrics' e-values for rollback: what the threshold is held against."""
        logs = [metric.log_e_rollback for metric in self.verdict.metrics]
        return eprocess.log_sum_exp(logs) - math.log(len(logs))

    def metric(self, name: str) -> MetricVerdict:
        return next(metric for metric in self.verdict.metrics if metric.name == name)


def look_back(blocks: Iterable[Block], policy: RolloutPolicy, began_at: float) -> list[Look]:
    """The start, and at most LOOKS_SHOWN looks with the last one among them, each at the end of its period.

    Blocks of metrics that the policy lacks are left out; [] when none is left.
    """
    known = sorted((block for block in blocks if block.metric in policy.metrics), key=time_order)
    ends = list(accumulate(len(list(period)) for _, period in groupby(known, key=time_order)))
    shown = _spread(len(ends), LOOKS_SHOWN)
    measured = {shown[index] for index in _spread(len(shown), INTERVALS_SHOWN)}
    ledger, posted, period = BlockSums(policy), 0, _period(known)
    found = [Look(0.0, decide({}, 0.0, policy), False)] if known else []
    for index in shown:
        for block in known[posted : ends[index]]:
            ledger.post(block)
        posted = ends[index]
        began = moment(known[posted - 1])
        at = float(index + 1) if period is None or began is None else began + period - began_at
        if index in measured:
            verdict = judge(Evidence(tuple(known[:posted]), known[posted - 1].stage, 0.0), policy)
        else:
            verdict = decide(ledger.totals(), 0.0, policy)
        found.append(Look(at, verdict, index in measured))
    return found


def is_timed(blocks: Sequence[Block]) -> bool:
    """Do block ids tell when the block began?"""
    return all(moment(block) is not None for block in blocks)


def _period(blocks: Sequence[Block]) -> float | None:
    """Seconds of a block: the smallest distance of two; None where blocks carry no time."""
    if not is_timed(blocks):
        return None
    began = sorted({moment(block) or 0.0 for block in blocks})
    return min((later - earlier for earlier, later in pairwise(began)), default=0.0)


def moment(block: Block) -> float | None:
    """When the block's period began, in seconds since the epoch: its id is that, or `<that>/<step>`."""
    try:
        at = float(block.block.partition("/")[0])
    except ValueError:
        return None
    return at if math.isfinite(at) and at > EARLIEST_EPOCH else None


def _spread(count: int, most: int) -> list[int]:
    """Indices of at most `most` of `count` things, evenly spread, always with the last."""
    shown = min(count, most)
    return sorted({round((step + 1) * count / shown) - 1 for step in range(shown)})
