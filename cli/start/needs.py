"""How much a verdict needs, and which margins a file is large enough for. By the gate's and the judge's own rules.

Of two models that err equally often, and one of which is right where the other is wrong in a share d of the rows,
the difference of accuracies has a standard error of sqrt(d / n) on n rows. The gate passes an equal challenger whose
difference comes out as none when z(1 - alpha) standard errors fit into the margin: n = d * (z / margin)^2.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

from switchyard.config.rules.forecast import forecast
from switchyard.core.gate_policy import DEFAULT_GATES, GateMetric, GatePolicy
from switchyard.core.policy import Problem, RolloutPolicy
from switchyard.stats import normal
from switchyard.training.rules.holdout import SHARE

DISAGREEMENT = 0.05  # share of rows in which one of two similar models is right and the other wrong
WIDEST = 0.5
LEAST_HOLDOUT = GatePolicy().minimum_rows


def deciding_rows(margin: float, alpha: float = GatePolicy().alpha) -> int:
    """Holdout rows on which an equal challenger passes with this margin of accuracy."""
    return ceil(DISAGREEMENT * (normal.quantile(1 - alpha) / margin) ** 2)


@dataclass(frozen=True)
class Needs:
    """What a model's first dataset allows. held_out: rows of it that become the holdout."""

    problem: Problem
    held_out: int

    @property
    def wanted(self) -> int:
        """Holdout rows for the margins that are usual."""
        return deciding_rows(0.01)

    @property
    def rows_to_bring(self) -> int:
        """Rows of a first dataset for the usual margins."""
        return ceil(self.wanted / SHARE)

    @property
    def minimum_rows(self) -> int:
        """What the gate may ask for: its own minimum, or all that there is."""
        return min(LEAST_HOLDOUT, self.held_out)

    @property
    def is_small(self) -> bool:
        return self.held_out < self.wanted

    def margins(self, mistakes: str) -> dict[str, float]:
        """By metric: the usual ones, widened with the root of the rows that are missing."""
        factor = max(1.0, sqrt(self.wanted / self.held_out))
        usual = metrics_of(self.problem, mistakes)
        return {name: _rounded(min(WIDEST, gate.margin * factor)) for name, gate in usual.items()}


ALIKE, DIFFER = "alike", "differ"


def metrics_of(problem: Problem, mistakes: str) -> dict[str, GateMetric]:
    """What the gate compares: accuracy and the absolute error weigh all mistakes alike, the others do not."""
    left_out = {
        (Problem.REGRESSION, ALIKE): "squared_error",
        (Problem.REGRESSION, DIFFER): "absolute_error",
        (Problem.BINARY, DIFFER): "accuracy",
        (Problem.MULTICLASS, DIFFER): "accuracy",
    }.get((problem, mistakes))
    return {name: gate for name, gate in DEFAULT_GATES[problem].items() if name != left_out}


def requests_for(policy: RolloutPolicy) -> tuple[int, int]:
    """Live requests until an equal challenger is promoted: on average, and in 90 of 100 rollouts at most."""
    equal = forecast(policy)[0]
    return ceil(equal.expected_requests), ceil(equal.p90_requests)


def _rounded(margin: float) -> float:
    """To two digits, never less: a margin that is rounded down decides nothing."""
    digits = 2 if margin >= 0.1 else 3
    return float(ceil(round(margin * 10**digits, 6)) / 10**digits)
