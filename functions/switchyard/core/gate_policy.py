"""What a challenger must show on the holdout: the metrics of the offline gate, and how much harm is accepted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from switchyard.core.policy import PolicyError, Problem

_CLASSES = frozenset({Problem.BINARY, Problem.MULTICLASS})
_NUMBERS = frozenset({Problem.REGRESSION})
PROGRAM = "program"  # the metric that the owner's own program writes


@dataclass(frozen=True)
class MetricKind:
    """problems: what it can be computed for. is_relative: its margin is a share of the champion's own value, because
    its unit is that of the data. of_class: it may be of one class; without one it is the mean of all.
    """

    problems: frozenset[Problem]
    higher_is_better: bool = False
    is_relative: bool = False
    of_class: bool = False


GATE_METRICS: Mapping[str, MetricKind] = {
    "accuracy": MetricKind(_CLASSES, higher_is_better=True),
    "balanced_accuracy": MetricKind(_CLASSES, higher_is_better=True),
    "f1": MetricKind(_CLASSES, higher_is_better=True, of_class=True),
    "precision": MetricKind(_CLASSES, higher_is_better=True, of_class=True),
    "recall": MetricKind(_CLASSES, higher_is_better=True, of_class=True),
    "auc": MetricKind(_CLASSES, higher_is_better=True, of_class=True),
    "log_loss": MetricKind(_CLASSES),
    "brier": MetricKind(_CLASSES),
    "calibration_error": MetricKind(_CLASSES),
    "cost": MetricKind(_CLASSES, is_relative=True),
    PROGRAM: MetricKind(_CLASSES | _NUMBERS, is_relative=True),
    "squared_error": MetricKind(_NUMBERS, is_relative=True),
    "absolute_error": MetricKind(_NUMBERS, is_relative=True),
    "rmse": MetricKind(_NUMBERS, is_relative=True),
    "mape": MetricKind(_NUMBERS, is_relative=True),
    "wape": MetricKind(_NUMBERS, is_relative=True),
    "quantile_loss": MetricKind(_NUMBERS, is_relative=True),
}


@dataclass(frozen=True)
class GateMetric:
    """One offline metric of the gate, in its own units.

    margin: how much worse than the champion is still accepted; absolute, or, of a relative metric, a share of the
    champion's own value. floor: absolute limit that also binds a first deployment: the least value of a metric that
    rises, the largest of a loss. None: beat the trivial predictor (majority class, class frequencies, mean of the
    target), where there is one. metric: what is measured, where the entry has a name of its own. of_class: as people
    write it; "": the mean of all classes. quantile: of quantile_loss, between 0 and 1.
    """

    margin: float
    floor: float | None = None
    metric: str = ""
    of_class: str = ""
    quantile: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.margin < 1:
            raise PolicyError("margin", f"must lie between 0 and 1 (both excluded), got {self.margin!r}")
        if self.floor is not None and not math.isfinite(self.floor):
            raise PolicyError("floor", f"must be finite, got {self.floor!r}")
        if self.quantile is not None and not 0 < self.quantile < 1:
            raise PolicyError("quantile", f"must lie between 0 and 1 (both excluded), got {self.quantile!r}")


DEFAULT_GATES: Mapping[Problem, Mapping[str, GateMetric]] = {
    Problem.BINARY: {
        "accuracy": GateMetric(0.01),
        "log_loss": GateMetric(0.02),
        "auc": GateMetric(0.01),
    },
    Problem.MULTICLASS: {"accuracy": GateMetric(0.01), "log_loss": GateMetric(0.02)},
    Problem.REGRESSION: {"squared_error": GateMetric(0.05), "absolute_error": GateMetric(0.05)},
}


CROSS_VALIDATION = "cross_validation"  # the channel of a training job, and how a run is judged by it


@dataclass(frozen=True)
class CrossValidation:
    """How a model is judged whose rows are too few for a holdout: each row is predicted `repeats` times, by models that
    were trained without the one of `folds` parts in which it lies.
    """

    folds: int = 10
    repeats: int = 5

    def __post_init__(self) -> None:
        if not 3 <= self.folds <= 20:
            raise PolicyError("folds", f"must lie between 3 and 20, got {self.folds!r}")
        if not 1 <= self.repeats <= 20:
            raise PolicyError("repeats", f"must lie between 1 and 20, got {self.repeats!r}")

    @property
    def least_rows(self) -> int:
        """Two a fold: of fewer the spread of a fold says nothing."""
        return 2 * self.folds


@dataclass(frozen=True)
class GatePolicy:
    """What a challenger must show on the holdout before it may see one live request.

    alpha: largest probability, per metric, to pass a challenger that is worse by the margin. metrics: by the name of
    the entry. minimum_rows: fewer holdout rows than this are "not enough data", whatever they say. slice_margin: how
    much worse a named slice may be, as a multiple of the metric's margin (0: slices are not judged). cost: of a row by
    its class and by what it is called, both as people write them; what is right and not stated costs nothing.
    cross_validation: what judges instead of a holdout that would have fewer than minimum_rows; None: nothing does.
    """

    problem: Problem = Problem.BINARY
    alpha: float = 0.05
    metrics: Mapping[str, GateMetric] = field(default_factory=dict)
    minimum_rows: int = 200
    slice_margin: float = 3.0
    cost: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    cross_validation: CrossValidation | None = None

    def __post_init__(self) -> None:
        if not self.metrics:
            object.__setattr__(self, "metrics", DEFAULT_GATES[self.problem])
        for name, reason in _gate_faults(self):
            raise PolicyError(name, reason)

    @property
    def kinds(self) -> dict[str, str]:
        """What each entry of `metrics` measures."""
        return {name: each.metric or name for name, each in self.metrics.items()}

    @property
    def quantiles(self) -> tuple[float, ...]:
        """Of all entries, each once."""
        return tuple(sorted({each.quantile for each in self.metrics.values() if each.quantile is not None}))


def _gate_faults(policy: GatePolicy) -> Iterator[tuple[str, str]]:
    if not 0 < policy.alpha < 0.5:
        yield "alpha", f"must lie between 0 and 0.5 (both excluded), got {policy.alpha!r}"
    for name, each in policy.metrics.items():
        yield from _metric_faults(policy, name, each)
    if policy.minimum_rows < 2:
        yield "minimum_rows", f"must be at least 2, got {policy.minimum_rows!r}"
    if not 0 <= policy.slice_margin < math.inf:
        yield "slice_margin", f"must be 0 or more, got {policy.slice_margin!r}"
    yield from _cost_faults(policy)


def _metric_faults(policy: GatePolicy, name: str, each: GateMetric) -> Iterator[tuple[str, str]]:
    named, path = each.metric or name, f"metrics.{name}"
    kind = GATE_METRICS.get(named)
    if kind is None or policy.problem not in kind.problems:
        known = ", ".join(sorted(m for m, k in GATE_METRICS.items() if policy.problem in k.problems))
        where, what = (f"{path}.metric", f"'{named[:60]}' ") if each.metric else (path, "")
        yield where, f"{what}is not a {policy.problem} metric; known: {known}"
        return
    if each.floor is not None and kind.higher_is_better and each.floor > 1:
        yield (
            f"{path}.floor",
            f"is {each.floor:g}, and {named} is at most 1: no model would ever pass; lower it",
        )
    if each.floor is not None and each.floor < 0 and not kind.higher_is_better and named != PROGRAM:
        yield (
            f"{path}.floor",
            f"is {each.floor:g}, and {named} is never below 0: no model would ever pass; raise it",
        )
    if each.of_class and not kind.of_class:
        may = ", ".join(m for m, k in GATE_METRICS.items() if k.of_class)
        yield f"{path}.class", f"{named} is of all classes at once; leave it out, or use one of {may}"
    if named == "quantile_loss" and each.quantile is None:
        yield f"{path}.quantile", "must be given: which quantile the model predicts, say 0.9"
    if named != "quantile_loss" and each.quantile is not None:
        yield f"{path}.quantile", f"belongs to quantile_loss, and this is {named}; leave it out"


def _cost_faults(policy: GatePolicy) -> Iterator[tuple[str, str]]:
    is_asked = "cost" in policy.kinds.values()
    costs = [value for row in policy.cost.values() for value in row.values()]
    if is_asked and not policy.cost:
        yield (
            "cost",
            "must be given: what a row costs by its class and by what it is called, {yes: {no: 10}, ...}",
        )
    if policy.cost and not is_asked:
        yield "cost", "is read by the metric cost alone; add `cost: {margin: 0.05}` to evaluation.metrics"
    if any(not 0 <= value < math.inf for value in costs):
        yield "cost", "must be numbers, 0 or more: what is worth most costs 0, and the others what they lose"
    if costs and not any(costs):
        yield "cost", "must be more than 0 for something, or every model is as good as any other"
