"""Both models on the same rows, reduced to sums that merge; the rows themselves are never kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

from switchyard.stats.auc import Row, ScoreCounts
from switchyard.stats.moments import Moments, PairedMoments, sum_counts

Prediction = float | Sequence[float]
# Probabilities are moved this far from 0 and 1 before the logarithm: float32 models cannot say less.
_CLIP = 1e-7

METRICS = {
    "binary": ("accuracy", "log_loss", "brier"),
    "multiclass": ("accuracy", "log_loss"),
    "regression": ("squared_error", "absolute_error"),
}


@dataclass(frozen=True, slots=True)
class PairedSums:
    """What a chunk of holdout rows says about both models, per metric.

    rows: scored rows. invalid: rows where the challenger gave no usable number (they are in no other figure).
    metrics: losses (accuracy as 1 - accuracy). target: moments of the labels. classes: rows per class.
    """

    problem: str
    rows: int = 0
    invalid: int = 0
    metrics: Mapping[str, PairedMoments] = field(default_factory=dict)
    target: Moments = field(default_factory=Moments)
    classes: Mapping[str, int] = field(default_factory=dict)
    scores: ScoreCounts = field(default_factory=ScoreCounts)

    @classmethod
    def from_rows(
        cls, problem: str, rows: Iterable[tuple[float, Prediction | None, Prediction]]
    ) -> PairedSums:
        """Rows are (label, champion's prediction or None, challenger's prediction).

        binary: label 0 or 1, probability of 1. multiclass: label = class index, one probability a class.
        regression: numbers. Raises ValueError for a label or a champion's prediction that cannot be scored.
        """
        if problem not in METRICS:
            raise ValueError(f"problem: {problem!r} is unknown; known: {', '.join(METRICS)}")
        kept, seen = [], 0
        for seen, (y, old, new) in enumerate(rows, start=1):
            _check_label(problem, y, seen)
            if old is not None and not usable(problem, y, old):
                raise ValueError(
                    f"row {seen}: the champion's prediction is not usable; the model in production is broken"
                )
            if usable(problem, y, new):
                kept.append((y, old, new))
        return cls._of_valid(problem, kept, seen)

    @classmethod
    def _of_valid(
        cls, problem: str, rows: list[tuple[float, Prediction | None, Prediction]], seen: int
    ) -> PairedSums:
        with_champion = sum(old is not None for _, old, _ in rows)
        if with_champion not in (0, len(rows)):
            raise ValueError(
                f"the champion scored {with_champion} of {len(rows)} rows: pairs must be complete"
            )
        metrics = {}
        for name in METRICS[problem]:
            loss = _LOSSES[problem, name]
            old_losses = [loss(y, old) for y, old, _ in rows if old is not None]
            metrics[name] = PairedMoments.of(old_losses, [loss(y, new) for y, _, new in rows])
        classes = sum_counts({str(int(y)): 1} for y, _, _ in rows) if problem != "regression" else {}
        scores = ScoreCounts.of(_score_rows(rows)) if problem == "binary" else ScoreCounts()
        target = Moments.of([y for y, _, _ in rows])
        return cls(problem, len(rows), seen - len(rows), metrics, target, classes, scores)

    @property
    def paired(self) -> bool:
        """Was there a champion?"""
        return any(m.difference.n for m in self.metrics.values())

    def __add__(self, other: PairedSums) -> PairedSums:
        if self.problem != other.problem:
            raise ValueError(f"problem: cannot merge {self.problem!r} with {other.problem!r}")
        if self.rows and other.rows and self.paired != other.paired:
            raise ValueError("the champion scored one chunk and not the other: pairs must be complete")
        zero = PairedMoments(Moments(), Moments(), Moments())
        names = {**self.metrics, **other.metrics}
        return PairedSums(
            self.problem,
            self.rows + other.rows,
            self.invalid + other.invalid,
            {n: self.metrics.get(n, zero) + other.metrics.get(n, zero) for n in names},
            self.target + other.target,
            sum_counts((self.classes, other.classes)),
            self.scores + other.scores,
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe."""
        return {
            "problem": self.problem,
            "rows": self.rows,
            "invalid": self.invalid,
            "metrics": {name: m.to_dict() for name, m in self.metrics.items()},
            "target": self.target.to_list(),
            "classes": dict(self.classes),
            "scores": self.scores.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PairedSums:
        return cls(
            data["problem"],
            data["rows"],
            data["invalid"],
            {name: PairedMoments.from_dict(m) for name, m in data["metrics"].items()},
            Moments.from_list(data["target"]),
            dict(data["classes"]),
            ScoreCounts.from_dict(data["scores"]),
        )


def merge(parts: Iterable[PairedSums]) -> PairedSums:
    """All chunks as one; at least one chunk is needed."""
    return reduce(add, parts)


def usable(problem: str, y: float, prediction: Prediction) -> bool:
    """Is this a number (regression), a probability (binary), a probability for each class (multiclass)?"""
    if problem == "multiclass":
        values = prediction if isinstance(prediction, Sequence) else ()
        return int(y) < len(values) and all(math.isfinite(p) and 0 <= p <= 1 for p in values)
    if isinstance(prediction, Sequence) or not math.isfinite(prediction):
        return False
    return problem == "regression" or 0 <= prediction <= 1


def _check_label(problem: str, y: float, row: int) -> None:
    if not math.isfinite(y):
        raise ValueError(f"row {row}: the label is not a number")
    if problem == "binary" and y not in (0, 1):
        raise ValueError(f"row {row}: a binary label must be 0 or 1")
    if problem == "multiclass" and (y < 0 or y != int(y)):
        raise ValueError(f"row {row}: a class label must be an index 0, 1, 2, ...")


def _score_rows(rows: list[tuple[float, Any, Any]]) -> Iterable[Row]:
    return ((y == 1, old, new) for y, old, new in rows)


def _surprise(probability: float) -> float:
    return -math.log(min(max(probability, _CLIP), 1 - _CLIP))


def _wrong_class(y: float, p: Any) -> float:
    return float(max(range(len(p)), key=p.__getitem__) != int(y))


_LOSSES: Mapping[tuple[str, str], Any] = {
    ("binary", "accuracy"): lambda y, p: float((p >= 0.5) != (y == 1)),
    ("binary", "log_loss"): lambda y, p: _surprise(p if y == 1 else 1 - p),
    ("binary", "brier"): lambda y, p: (p - y) ** 2,
    ("multiclass", "accuracy"): _wrong_class,
    ("multiclass", "log_loss"): lambda y, p: _surprise(p[int(y)]),
    ("regression", "squared_error"): lambda y, p: (p - y) ** 2,
    ("regression", "absolute_error"): lambda y, p: abs(p - y),
}
