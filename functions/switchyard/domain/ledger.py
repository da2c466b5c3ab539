"""The books of a rollout: log-wealth per metric, a sum over blocks that merges in any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from switchyard.domain.evidence import Block, EvidenceError, distinct
from switchyard.domain.policy import MetricPolicy, RolloutPolicy
from switchyard.stats import dispersion, eprocess


@dataclass(frozen=True, slots=True)
class Wealth:
    """State of one metric, under 1 KB as JSON: totals of both arms and the log-wealth of every bet."""

    blocks: int
    n0: float
    s0: float
    n1: float
    s1: float
    promote: tuple[float, ...]
    rollback: tuple[float, ...]

    def __add__(self, other: Wealth) -> Wealth:
        return merge((self, other))

    def to_dict(self) -> dict[str, object]:
        """JSON-safe; floats keep every bit."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Wealth:
        fields = {k: tuple(v) if isinstance(v, list | tuple) else v for k, v in data.items()}
        return cls(**fields)  # type: ignore[arg-type]


EMPTY = Wealth(0, 0, 0.0, 0, 0.0, (0.0,) * len(eprocess.PROMOTION_BETS), (0.0,) * len(eprocess.ROLLBACK_BETS))


def merge(parts: Iterable[Wealth]) -> Wealth:
    """One state from many disjoint ones, by exact summation: no order of merging changes a decision."""
    parts = tuple(parts)
    if not parts:
        return EMPTY
    return Wealth(
        sum(p.blocks for p in parts),
        sum(p.n0 for p in parts),
        sum(p.s0 for p in parts),
        sum(p.n1 for p in parts),
        sum(p.s1 for p in parts),
        eprocess.total([p.promote for p in parts], len(EMPTY.promote)),
        eprocess.total([p.rollback for p in parts], len(EMPTY.rollback)),
    )


def mixtures(policy: MetricPolicy) -> tuple[eprocess.Mixture, eprocess.Mixture]:
    """The promotion and the rollback process of a metric."""
    unit = policy.margin - policy.tolerance
    return (
        eprocess.promotion(policy.baseline, unit, policy.margin, policy.scale),
        eprocess.rollback(policy.baseline, unit, policy.tolerance, policy.scale),
    )


def wealth_of(block: Block, policy: MetricPolicy, correlation: float = 0.0) -> Wealth:
    """What one block adds. With correlation, each arm counts as n / (1 + (n - 1) rho) requests."""
    if block.log_e:
        cut = len(EMPTY.promote)
        log_e = (block.log_e[:cut], block.log_e[cut:])
    else:
        phi0 = dispersion.design_effect(block.n0, correlation)
        phi1 = dispersion.design_effect(block.n1, correlation)
        counts = (block.n0 / phi0, block.s0 / phi0, block.n1 / phi1, block.s1 / phi1)
        promote, rollback = mixtures(policy)
        log_e = (eprocess.block_log_e(promote, *counts), eprocess.block_log_e(rollback, *counts))
    return Wealth(1, block.n0, block.s0, block.n1, block.s1, *log_e)


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
                    name, f"a loss must lie in [0, 1], got {loss!r}; scale it or declare a limit"
                )
    log_e = tuple(
        value
        for mixture in mixtures(policy)
        for value in eprocess.losses_log_e(mixture, champion, challenger)
    )
    return Block(*key, stage, len(champion), sum(champion), len(challenger), sum(challenger), log_e)


def correlation_of(blocks: Iterable[Block], policy: MetricPolicy) -> float:
    """The declared intra-block correlation, or the one that the champion's blocks show."""
    if policy.correlation is not None:
        return policy.correlation
    return dispersion.intra_block_correlation((b.n0, b.s0) for b in blocks)


def balance(blocks: Iterable[Block], policy: RolloutPolicy) -> Mapping[str, Wealth]:
    """The state of every declared metric from all blocks; a block counts once."""
    by_metric: dict[str, list[Block]] = {name: [] for name in policy.metrics}
    for block in distinct(blocks).values():
        if block.metric not in by_metric:
            known = ", ".join(sorted(by_metric))
            raise EvidenceError("metric", f"{block.metric!r} is not in the policy, which declares: {known}")
        by_metric[block.metric].append(block)
    return {name: _total(found, policy.metrics[name]) for name, found in by_metric.items()}


def _total(blocks: list[Block], policy: MetricPolicy) -> Wealth:
    correlation = correlation_of(blocks, policy)
    return merge(wealth_of(block, policy, correlation) for block in blocks)
