"""What the trivial predictor reaches on the same rows: the floor of a metric that declares none."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from switchyard.core.data.classes import named
from switchyard.core.policy import Problem
from switchyard.evaluation.rules.measures import Measure
from switchyard.stats.paired import PairedSums


class _Rows(NamedTuple):
    """shares: of the classes that have rows, by their index."""

    measure: Measure
    sums: PairedSums
    shares: Mapping[int, float]

    @property
    def share(self) -> float:
        """Of the class that is measured; of all, of the most frequent one."""
        chosen = self.measure.chosen
        return max(self.shares.values()) if chosen is None else self.shares.get(chosen, 0.0)

    @property
    def classes(self) -> int:
        return len(self.shares) if self.measure.chosen is None else 1

    @property
    def deviation(self) -> float:
        return math.sqrt(self.sums.target.variance)


def floor_of(measure: Measure, sums: PairedSums) -> float | None:
    """Declared, or what the trivial predictor reaches; None: it reaches whatever it likes, as recall of a class."""
    if measure.gate.floor is not None:
        return measure.gate.floor
    shares = {int(index): count / sums.rows for index, count in sums.classes.items()}
    trivial = _TRIVIAL.get(measure.kind)
    return trivial(_Rows(measure, sums, shares)) if trivial else None


def lacking(measure: Measure, sums: PairedSums, names: Sequence[str]) -> str:
    """Why the trivial predictor is no floor: of rows of one class alone it is always right."""
    if measure.gate.floor is not None or sums.problem == Problem.REGRESSION or len(sums.classes) > 1:
        return ""
    return f"all holdout rows are of {_named(sums, names)}; replace the holdout with one of every class"


def _named(sums: PairedSums, names: Sequence[str]) -> str:
    """Classes as people write them; by their index where that is not known."""
    return named([names[int(index)] if int(index) < len(names) else index for index in sums.classes])


def _recall(rows: _Rows) -> float | None:
    """Whoever calls every row by one class finds all of that class."""
    return 1 / rows.classes if rows.measure.chosen is None else None


def _cost(rows: _Rows) -> float:
    """Calling every row by the one class that is cheapest."""
    costs = rows.measure.costs
    return min(math.fsum(s * costs[k][said] for k, s in rows.shares.items()) for said in range(len(costs)))


def _quantile(rows: _Rows) -> float:
    """The best constant is within Scarf's bound ("A min-max solution of an inventory problem", 1958)."""
    q = rows.measure.gate.quantile or 0.5
    return rows.deviation * math.sqrt(q * (1 - q))


def _wape(rows: _Rows) -> float:
    """Answering 0 is off by 100 %, answering the mean by its mean distance."""
    size = rows.sums.sizes.means[-1] if rows.sums.sizes.n else 0.0
    return min(1.0, rows.deviation / size) if size else 1.0


def _brier(rows: _Rows) -> float:
    """Answering the class frequencies; of two classes one probability is scored, of more all of them."""
    if rows.sums.problem == Problem.BINARY:
        return rows.sums.target.mean * (1 - rows.sums.target.mean)
    return 1 - math.fsum(p * p for p in rows.shares.values())


_TRIVIAL: Mapping[str, Callable[[_Rows], float | None]] = {
    "accuracy": lambda rows: max(rows.shares.values()),
    "balanced_accuracy": _recall,
    "f1": lambda rows: 2 * rows.share / (1 + rows.share) / rows.classes,
    "precision": lambda rows: rows.share / rows.classes,
    "recall": _recall,
    "auc": lambda _: 0.5,
    "log_loss": lambda rows: -math.fsum(p * math.log(p) for p in rows.shares.values()),
    "brier": _brier,
    "cost": _cost,
    "squared_error": lambda rows: rows.sums.target.variance,
    "rmse": lambda rows: rows.deviation,
    # E|y - median| <= standard deviation: the loosest trivial predictor that sums can tell.
    "absolute_error": lambda rows: rows.deviation,
    "mape": lambda _: 1.0,  # answering 0 is off by 100 %
    "wape": _wape,
    "quantile_loss": _quantile,
}
