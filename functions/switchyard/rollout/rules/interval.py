"""How much worse or better: the confidence sequence of challenger minus champion, for people to read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from switchyard.core.evidence import Block
from switchyard.core.policy import MetricPolicy
from switchyard.rollout.rules.block_sums import effective, pair_counts
from switchyard.stats import eprocess
from switchyard.stats.pairs import PairMixture

_GROUP = 32
_STEPS = 7

Counts = tuple[float, float, float, float]


def difference_interval(
    blocks: Sequence[Block], policy: MetricPolicy, alpha: float, correlation: float = 0.0
) -> tuple[float, float]:
    """(lower, upper): every difference that the e-processes have not rejected at alpha, each side by itself.

    Valid at every look together (each end leaves out the truth with probability at most alpha). `blocks` in
    order of time. For losses that are not 0/1 it is wider than need be: blocks keep sums only.
    """
    if policy.paired:
        return _paired_interval(blocks, policy.margin - policy.tolerance, -math.log(alpha))
    groups = _grouped(effective(b, correlation) for b in blocks if b.n0 and b.n1)
    if not groups:
        return -1.0, 1.0
    n0, s0, n1, s1 = (sum(column) for column in zip(*groups, strict=True))
    centre = s1 / n1 - s0 / n0
    unit = policy.margin - policy.tolerance
    limit = -math.log(alpha)

    def rejects(better: bool) -> Callable[[float], bool]:
        make = eprocess.bets_below if better else eprocess.bets_above
        return lambda d: _log_e(make(policy.baseline, unit, d), groups) >= limit

    return -_edge(lambda d: rejects(False)(-d), -centre, unit), _edge(rejects(True), centre, unit)


def _paired_interval(blocks: Sequence[Block], unit: float, limit: float) -> tuple[float, float]:
    counts = [pair_counts(block) for block in blocks]
    better, same, worse = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0)
    rows = better + same + worse
    if not rows:
        return -1.0, 1.0

    def rejects(better_than: bool) -> Callable[[float], bool]:
        def rejected(d: float) -> bool:
            mixture = PairMixture(d, better_than)
            return mixture.log_e(mixture.log_e_of(better, same, worse)) >= limit

        return rejected

    centre = (worse - better) / rows
    return -_edge(lambda d: rejects(False)(-d), -centre, unit), _edge(rejects(True), centre, unit)


def _grouped(blocks: Iterable[Counts]) -> list[Counts]:
    """32 single blocks, then 32 pairs, 32 fours, ...: long rollouts cost little more than short ones.

    The grouping is fixed beforehand, and a group counts once complete, so the sequence stays valid at every
    look.
    """
    groups: list[Counts] = []
    gathered: list[Counts] = []
    for block in blocks:
        gathered.append(block)
        if len(gathered) == 2 ** (len(groups) // _GROUP):
            groups.append(_summed(gathered))
            gathered = []
    return groups


def _summed(blocks: list[Counts]) -> Counts:
    n0, s0, n1, s1 = (sum(column) for column in zip(*blocks, strict=True))
    return n0, s0, n1, s1


def _log_e(mixture: eprocess.Mixture, groups: Sequence[Counts]) -> float:
    wealth = [0.0] * len(mixture.bets)
    for n0, s0, n1, s1 in groups:
        for k, (c, a, b) in enumerate(eprocess.coefficients(mixture, n0, n1)):
            wealth[k] += c + a * s0 + b * s1
    return mixture.log_e(wealth)


def _edge(rejected: Callable[[float], bool], start: float, unit: float) -> float:
    """The largest difference that is not rejected, searched upwards from one that is not."""
    inside, step = start, unit
    while not rejected(min(inside + step, 1.0)):
        inside, step = inside + step, 2 * step
        if inside >= 1.0:
            return 1.0
    outside = min(inside + step, 1.0)
    for _ in range(_STEPS):
        middle = 0.5 * (inside + outside)
        if rejected(middle):
            outside = middle
        else:
            inside = middle
    return outside
