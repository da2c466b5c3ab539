"""What a team declares about risk: how much harm it accepts, how sure it wants to be, and how long it waits.
 Every field has a safe default. A policy that cannot be honoured is refused when it is made, with the field
named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from switchyard.core.errors import InvalidInputError

DEFAULT_BASELINE = 0.01


class PolicyError(InvalidInputError, ValueError):
    """A policy field holds what no decision can be based on; `field` is its dotted path in pipeline.yaml."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class MetricPolicy:
    """One live metric: a loss per request in [0, 1], lower is better, and how much worse is too much.

    margin: harm (difference of mean loss, challenger minus champion) that must be ruled out to promote.
    baseline: the champion's own mean loss, taken before the rollout. It shapes power, never validity.
    tolerance: difference that is no reason yet to roll back.
    spread: standard deviation of the loss of one request, for losses that are not 0/1 (None: 0/1).
    correlation: intra-block correlation of the loss (None: estimated from the champion's blocks).
    maturity_seconds: age at which a request counts, labelled or not (metrics that need labels).
    limit_milliseconds: for latency: a request loses when it took longer.
    off_by: for labels of a regression: a request loses when its prediction is further off (None: classes).
    paired: both models answered the same rows, and are compared row by row.
    """

    margin: float
    baseline: float = DEFAULT_BASELINE
    tolerance: float = 0.0
    spread: float | None = None
    correlation: float | None = None
    maturity_seconds: float = 0.0
    limit_milliseconds: float | None = None
    off_by: float | None = None
    paired: bool = False

    def __post_init__(self) -> None:
        for name, reason in _metric_faults(self):
            raise PolicyError(name, reason)

    @property
    def scale(self) -> float:
        """How much more may be staked than on a 0/1 loss of the same mean: p(1-p) over the variance."""
        if self.spread is None:
            return 1.0
        return max(1.0, self.baseline * (1 - self.baseline) / self.spread**2)


def _metric_faults(policy: MetricPolicy) -> Iterator[tuple[str, str]]:
    if not 0 < policy.margin < 1:
        yield "margin", f"must lie between 0 and 1 (both excluded), got {policy.margin!r}"
    if not 0 <= policy.baseline <= 1:
        yield "baseline", f"must be a rate in [0, 1], got {policy.baseline!r}"
    if not 0 <= policy.tolerance < policy.margin:
        yield "tolerance", f"must be at least 0 and below margin {policy.margin!r}, got {policy.tolerance!r}"
    if policy.spread is not None and not 0 < policy.spread <= 0.5:
        yield "spread", f"must lie in (0, 0.5], got {policy.spread!r}"
    if policy.correlation is not None and not 0 <= policy.correlation <= 1:
        yield "correlation", f"must lie in [0, 1], got {policy.correlation!r}"
    if not 0 <= policy.maturity_seconds < math.inf:
        yield "maturity_seconds", f"must be seconds, 0 or more, got {policy.maturity_seconds!r}"
    yield from _limit_faults(policy)


def _limit_faults(policy: MetricPolicy) -> Iterator[tuple[str, str]]:
    for name in ("limit_milliseconds", "off_by"):
        limit = getattr(policy, name)
        if limit is not None and not 0 < limit < math.inf:
            yield name, f"must be more than 0, got {limit!r}"


def _default_metrics() -> Mapping[str, MetricPolicy]:
    return {"errors": MetricPolicy(margin=0.005)}


@dataclass(frozen=True)
class RolloutPolicy:
    """How a challenger earns live traffic.

    alpha: largest probability of a false promotion and, separately, of a false rollback, over all looks
    together. steps: share of traffic of the challenger at each step, percent, rising; after the last step it
    gets everything. deadline_requests, deadline_seconds: the champion stays, "inconclusive", when no verdict
    is reached by then. silence_seconds: how long a metric may have no request on either side before the
    rollout fails closed. sample_ratio_alpha: false-alarm probability of the check that the split is the
    configured one (0: no check).
    """

    alpha: float = 0.05
    steps: tuple[int, ...] = (10, 25, 50)
    metrics: Mapping[str, MetricPolicy] = field(default_factory=_default_metrics)
    deadline_requests: int | None = None
    deadline_seconds: float = 86_400.0
    silence_seconds: float = 900.0
    sample_ratio_alpha: float = 0.001

    def __post_init__(self) -> None:
        for name, reason in _rollout_faults(self):
            raise PolicyError(name, reason)

    def weight(self, stage: int) -> float | None:
        """Share of traffic of the challenger at a step (0..1); None past the declared steps."""
        return self.steps[stage] / 100 if 0 <= stage < len(self.steps) else None


def _rollout_faults(policy: RolloutPolicy) -> Iterator[tuple[str, str]]:
    if not 0 < policy.alpha < 0.5:
        yield "alpha", f"must lie between 0 and 0.5 (both excluded), got {policy.alpha!r}"
    if not policy.metrics:
        yield "metrics", "at least one metric must be declared: nothing else may move traffic"
    if not policy.steps or list(policy.steps) != sorted(set(policy.steps)):
        yield "steps", f"must be rising percentages, got {list(policy.steps)!r}"
    if any(not 0 < step < 100 for step in policy.steps):
        yield "steps", f"must lie between 0 and 100 percent (both excluded), got {list(policy.steps)!r}"
    for name in ("deadline_requests", "deadline_seconds", "silence_seconds"):
        value = getattr(policy, name)
        if value is not None and not 0 < value < math.inf:
            yield name, f"must be more than 0 and finite, got {value!r}"
    if not 0 <= policy.sample_ratio_alpha < 0.5:
        yield "sample_ratio_alpha", f"must lie in [0, 0.5), got {policy.sample_ratio_alpha!r}"


def watching(policy: RolloutPolicy) -> RolloutPolicy:
    """The policy of a swap. No traffic is split: one step, whose share is that of the times compared, and no check of
    a split.
    """
    return replace(policy, steps=(50,), sample_ratio_alpha=0.0)


class Problem(StrEnum):
    """What the model predicts; decides which metrics the offline gate compares."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
