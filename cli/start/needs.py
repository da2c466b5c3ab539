"""How much a verdict needs, and which margins a file is large enough for. By the gate's and the judge's own rules.

Of two models that err equally often, and one of which is right where the other is wrong in a share d of the rows,
the difference of accuracies has an interval of z * sqrt(d / n) + z^2 / 2n on n rows: a normal one, and what the score
interval of the gate adds to it where rows are few. The gate passes an equal challenger whose difference comes out as
none when that fits into the margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

from switchyard.config.rules.forecast import forecast
from switchyard.core.gate_policy import DEFAULT_GATES, CrossValidation, GateMetric, GatePolicy
from switchyard.core.policy import Problem, RolloutPolicy
from switchyard.stats import normal
from switchyard.stats.resampling import Resampling
from switchyard.training.rules.holdout import SHARE

DISAGREEMENT = 0.05  # share of rows in which one of two similar models is right and the other wrong
WIDEST = 0.5
USUAL = DEFAULT_GATES[Problem.BINARY]["accuracy"].margin
LOPSIDED = 0.1  # share of the rarer of two classes below which accuracy is left out
LEAST_HOLDOUT = GatePolicy().minimum_rows
HOW = CrossValidation()
FOLDS = Resampling(HOW.folds, HOW.repeats)


def deciding_rows(margin: float, alpha: float = GatePolicy().alpha) -> int:
    """Holdout rows on which an equal challenger passes with this margin of accuracy."""
    z = normal.quantile(1 - alpha)
    return ceil((z * (sqrt(DISAGREEMENT) + sqrt(DISAGREEMENT + 2 * margin)) / (2 * margin)) ** 2)


def deciding_margin(rows: int, alpha: float = GatePolicy().alpha) -> float:
    """The margin of accuracy with which an equal challenger passes on so many holdout rows."""
    z = normal.quantile(1 - alpha)
    return z * sqrt(DISAGREEMENT / rows) + z * z / (2 * rows)


@dataclass(frozen=True)
class Needs:
    """What a model's first dataset allows. held_out: a fifth of it, the holdout, if they are enough for one; rarest: of
    them the rows of the rarest class; rows: of the whole dataset, five times as many where nothing else is known.
    """

    problem: Problem
    held_out: int
    rarest: int | None = None
    rows: int | None = None

    @property
    def is_folded(self) -> bool:
        """Too few rows for a holdout: cross-validation judges on all of them."""
        return self.held_out < LEAST_HOLDOUT

    @property
    def judging(self) -> int:
        """Rows of a holdout that would be as sure as what judges."""
        if not self.is_folded:
            return self.held_out
        return int(FOLDS.effective(self.rows or ceil(self.held_out / SHARE))) or 1

    @property
    def wanted(self) -> int:
        """Holdout rows for the margins that are usual."""
        return deciding_rows(USUAL)

    @property
    def rows_to_bring(self) -> int:
        """Rows of a first dataset for the usual margins."""
        return ceil(self.wanted / SHARE)

    @property
    def is_lopsided(self) -> bool:
        """Whoever always names the other class is right so often that accuracy tells nothing."""
        rarest = self.held_out if self.rarest is None else self.rarest
        return self.problem is Problem.BINARY and rarest < LOPSIDED * self.held_out

    @property
    def is_small(self) -> bool:
        return self.judging < self.wanted

    def margins(self, mistakes: str) -> dict[str, float]:
        """By metric: the usual ones, widened as far as the rows that are missing ask for."""
        factor = max(1.0, deciding_margin(self.judging) / USUAL) if self.is_small else 1.0
        usual = metrics_of(self.problem, DIFFER if self.is_lopsided else mistakes)
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
