"""The evidence of a rollout so far: log-wealth per metric, a sum over blocks in which each block counts once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from switchyard.core.evidence import Block, EvidenceError, heavier
from switchyard.core.known_members import known_members
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.rollout.rules.timeline import Timeline, time_order
from switchyard.stats import eprocess
from switchyard.stats.dispersion import Dispersion, design_effect, rounded_up
from switchyard.stats.pairs import PairMixture

# Fewer blocks than this are no history to learn a correlation from: bursts are rare.
HISTORY_BLOCKS = 1_000


@dataclass(frozen=True, slots=True)
class Wealth:
    """State of one metric, under 1 KB as JSON: totals of both arms and the log-wealth of every bet.

    split: requests (champion, challenger) per step, for the sample-ratio check.
    """

    blocks: int
    n0: float
    s0: float
    n1: float
    s1: float
    promote: tuple[float, ...]
    rollback: tuple[float, ...]
    split: tuple[tuple[float, float], ...] = ()

    def __add__(self, other: Wealth) -> Wealth:
        """Of disjoint blocks; a sum, so shards and late blocks merge in any order."""
        return Wealth(
            self.blocks + other.blocks,
            self.n0 + other.n0,
            self.s0 + other.s0,
            self.n1 + other.n1,
            self.s1 + other.s1,
            tuple(a + b for a, b in zip(self.promote, other.promote, strict=True)),
            tuple(a + b for a, b in zip(self.rollback, other.rollback, strict=True)),
            _add_splits(self.split, other.split),
        )

    def to_dict(self) -> dict[str, object]:
        """JSON-safe; floats keep every bit."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Wealth:
        lists = {name: tuple(data[name]) for name in ("promote", "rollback")}
        split = tuple((champion, challenger) for champion, challenger in data["split"])
        return cls(**{**known_members(cls, data), **lists, "split": split})


def _add_splits(
    mine: tuple[tuple[float, float], ...], other: tuple[tuple[float, float], ...]
) -> tuple[tuple[float, float], ...]:
    if len(mine) < len(other):
        mine, other = other, mine
    both = [(a + c, b + d) for (a, b), (c, d) in zip(mine, other, strict=False)]
    return (*both, *mine[len(other) :])


EMPTY = Wealth(
    0, 0.0, 0.0, 0.0, 0.0, (0.0,) * len(eprocess.PROMOTION_BETS), (0.0,) * len(eprocess.ROLLBACK_BETS)
)


def mixtures(policy: MetricPolicy) -> tuple[eprocess.Mixture, eprocess.Mixture]:
    """The promotion and the rollback process of a metric."""
    unit = policy.margin - policy.tolerance
    return (
        eprocess.promotion(policy.baseline, unit, policy.margin, policy.scale),
        eprocess.rollback(policy.baseline, unit, policy.tolerance, policy.scale),
    )


def pair_mixtures(policy: MetricPolicy) -> tuple[PairMixture, PairMixture]:
    """The same for a paired metric."""
    return PairMixture(policy.margin, better=True), PairMixture(policy.tolerance, better=False)


def pair_counts(block: Block) -> tuple[float, float, float]:
    """Rows on which the challenger alone was right, neither or both, and the champion alone."""
    if block.both is None:
        raise EvidenceError(
            "both", f"block {block.block} of {block.metric} does not say which rows both lost"
        )
    better, worse = block.s0 - block.both, block.s1 - block.both
    return better, block.n0 - better - worse, worse


def log_wealth(metric: Wealth, policy: MetricPolicy) -> tuple[float, float]:
    """Log e-values of the promotion and the rollback process."""
    promote, rollback = pair_mixtures(policy) if policy.paired else mixtures(policy)
    return promote.log_e(metric.promote), rollback.log_e(metric.rollback)


def wealth_of(block: Block, policy: MetricPolicy, correlation: float = 0.0) -> Wealth:
    """What one block adds. With correlation, each arm counts as n / (1 + (n - 1) rho) requests."""
    if policy.paired:
        counts = pair_counts(block)
        harmless, worse = (mixture.log_e_of(*counts) for mixture in pair_mixtures(policy))
        return Wealth(1, block.n0, block.s0, block.n1, block.s1, harmless, worse)
    promote, rollback = mixtures(policy)
    if block.log_e:
        log_e = (block.log_e[: len(promote.bets)], block.log_e[len(promote.bets) :])
    else:
        n0, s0, n1, s1 = effective(block, correlation)
        log_e = (
            eprocess.block_log_e(promote, n0, s0, n1, s1),
            eprocess.block_log_e(rollback, n0, s0, n1, s1),
        )
    return Wealth(1, block.n0, block.s0, block.n1, block.s1, *log_e)


def effective(block: Block, correlation: float) -> tuple[float, float, float, float]:
    """(n0, s0, n1, s1) of as many independent requests as the block is worth."""
    phi0, phi1 = design_effect(block.n0, correlation), design_effect(block.n1, correlation)
    return block.n0 / phi0, block.s0 / phi0, block.n1 / phi1, block.s1 / phi1


def block_of_losses(
    key: tuple[str, str],
    stage: int,
    champion: Sequence[float],
    challenger: Sequence[float],
    policy: MetricPolicy,
) -> Block:
    """A block from per-request losses in [0, 1] (`key`: metric, block id); the losses are not kept."""
    for name, losses in (("s0", champion), ("s1", challenger)):
        for loss in losses:
            if not 0 <= loss <= 1:
                raise EvidenceError(
                    name, f"a loss must lie in [0, 1], got {loss!r}; divide by its largest value"
                )
    both = mixtures(policy)
    log_e = tuple(value for m in both for value in eprocess.losses_log_e(m, champion, challenger))
    return Block(*key, stage, len(champion), sum(champion), len(challenger), sum(challenger), log_e)


class BlockSums:
    """Counts every block of a rollout once, whatever the order and number of deliveries."""

    def __init__(self, policy: RolloutPolicy) -> None:
        self.metrics = {name: MetricSum(metric) for name, metric in policy.metrics.items()}

    def news(self, block: Block) -> bool:
        """Would this block change anything? Raises EvidenceError for a metric the policy does not have."""
        return self._metric(block).news(block)

    def post(self, block: Block) -> bool:
        """Counts the block if it is news, and says so. Raises EvidenceError as `news` does."""
        return self._metric(block).post(block)

    def _metric(self, block: Block) -> MetricSum:
        metric = self.metrics.get(block.metric)
        if metric is None:
            known = ", ".join(sorted(self.metrics))
            raise EvidenceError("metric", f"{block.metric!r} is not in the policy, which declares: {known}")
        return metric

    def totals(self) -> dict[str, Wealth]:
        """The state of every declared metric."""
        return {name: metric.total() for name, metric in self.metrics.items()}


class MetricSum:
    """One metric's blocks and their sum.

    The correlation is the policy's. Where the policy has none it is the larger of what the blocks of champion and
    challenger show: without a history nobody can know that a burst is usual here.
    """

    def __init__(self, policy: MetricPolicy) -> None:
        self.policy = policy
        self.blocks: dict[str, Block] = {}
        self.correlation = policy.correlation or 0.0
        self._sum = EMPTY
        self._timeline = Timeline()

    def news(self, block: Block) -> bool:
        known = self.blocks.get(block.block)
        return known is None or heavier(block, known)

    def post(self, block: Block) -> bool:
        if not self.news(block):
            return False
        revised = block.block in self.blocks
        self.blocks[block.block] = block
        if revised:
            self._timeline = Timeline()
            for each in sorted(self.blocks.values(), key=time_order):
                self._timeline.insert(each)
            self._weigh()
        else:
            self._timeline.insert(block)
            self._sum += wealth_of(block, self.policy, self.correlation)
        return True

    def _weigh(self) -> None:
        weighed = (wealth_of(block, self.policy, self.correlation) for block in self.in_order())
        self._sum = sum(weighed, EMPTY)

    def in_order(self) -> list[Block]:
        """All blocks, oldest first."""
        return self._timeline.blocks

    def total(self) -> Wealth:
        """The sum of all blocks, weighed anew when they have shown another correlation."""
        if self.policy.correlation is None:
            found = self._timeline.correlation()
            if found != self.correlation:
                self.correlation = found
                self._weigh()
        return replace(self._sum, split=self._timeline.split())


def learn(policy: RolloutPolicy, history: Iterable[Block]) -> RolloutPolicy:
    """The policy with baseline and correlation of every metric taken from the champion's blocks before the
    rollout.

    To be called once, when a rollout starts, and kept: a bet must be fixed before the outcomes it is made on.
    A metric without requests keeps its declared baseline; fewer than 1,000 blocks with requests leave the correlation
    to be estimated live: a period in which nobody was asked is no history.
    """
    by_metric: dict[str, list[Block]] = {}
    for block in sorted((block for block in history if block.n0), key=time_order):
        by_metric.setdefault(block.metric, []).append(block)
    learned = {name: _learned(metric, by_metric.get(name, [])) for name, metric in policy.metrics.items()}
    return replace(policy, metrics=learned)


def _learned(metric: MetricPolicy, blocks: Sequence[Block]) -> MetricPolicy:
    requests = sum(b.n0 for b in blocks)
    if not requests:
        return metric
    # Half a loss more: a champion that never failed is still expected to fail once.
    metric = replace(metric, baseline=(sum(b.s0 for b in blocks) + 0.5) / (requests + 1))
    if metric.correlation is not None or len(blocks) < HISTORY_BLOCKS:
        return metric
    arm = Dispersion()
    for block in blocks:
        arm.add(block.n0, block.s0)
    return replace(metric, correlation=rounded_up(arm.estimate()))
