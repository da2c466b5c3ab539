"""Both models on the same rows, reduced to sums that merge; the rows themselves are never kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add
from typing import Any

from switchyard.stats.auc import ScoreCounts
from switchyard.stats.calibration import Calibration
from switchyard.stats.comoments import CoMoments
from switchyard.stats.confusion import Confusion
from switchyard.stats.losses import (
    LARGEST,
    LOSSES,
    SMALLEST,
    Loss,
    Prediction,
    class_said,
    losses_of,
    percentage_error,
    surest,
    usable,
)
from switchyard.stats.moments import Moments, PairedMoments, sum_counts
from switchyard.stats.resampling import ONCE, Resampling
from switchyard.stats.residuals import Residuals

_Rows = list[tuple[float, Any, Any]]
PERCENTAGE = "percentage_error"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is kept only where it is asked for: losses of these quantiles, areas of these classes against the rest."""

    quantiles: tuple[float, ...] = ()
    areas: tuple[int, ...] = ()


NOTHING_MORE = Wanted()


@dataclass(frozen=True, slots=True)
class PairedSums:
    """What a chunk of holdout rows says about both models, per metric.

    rows: scored rows. invalid: rows where the challenger gave no usable number (they are in no other figure).
    metrics: losses (accuracy as 1 - accuracy). target: moments of the labels. classes: rows per class. scores: of two
    classes. areas: the same of one class against the rest, of many. sizes: |error| of each model and |label|.
    residuals: of numbers. weights: of rows that do not count alike; losses are then multiplied by them. resampling:
    where each row is in all figures as often as it was predicted.
    """

    problem: str
    rows: int = 0
    invalid: int = 0
    metrics: Mapping[str, PairedMoments] = field(default_factory=dict)
    target: Moments = field(default_factory=Moments)
    classes: Mapping[str, int] = field(default_factory=dict)
    scores: ScoreCounts = field(default_factory=ScoreCounts)
    confusion: Confusion = field(default_factory=Confusion)
    calibration: Calibration = field(default_factory=Calibration)
    areas: Mapping[str, ScoreCounts] = field(default_factory=dict)
    sizes: CoMoments = field(default_factory=CoMoments)
    residuals: Residuals = field(default_factory=Residuals)
    resampling: Resampling = ONCE
    weights: Moments = field(default_factory=Moments)

    @classmethod
    def from_rows(
        cls,
        problem: str,
        rows: Iterable[tuple[float, Prediction | None, Prediction]],
        wanted: Wanted = NOTHING_MORE,
        first: int = 1,
        weights: Sequence[float] = (),
    ) -> PairedSums:
        """Rows are (label, champion's prediction or None, challenger's prediction); `first` is the first one's number.

        binary: label 0 or 1, probability of 1. multiclass: label = class index, one probability a class.
        regression: numbers. Raises ValueError for a label or a champion's prediction that cannot be scored.
        """
        if problem not in LOSSES:
            raise ValueError(f"problem: {problem!r} is unknown; known: {', '.join(LOSSES)}")
        kept: _Rows = []
        counted: list[float] = []
        row = first - 1
        for row, (y, old, new) in enumerate(rows, start=first):
            _check_label(problem, y, row)
            if old is not None and not usable(problem, y, old):
                raise ValueError(
                    f"row {row}: the champion's prediction is not usable; the model in production is broken"
                )
            if usable(problem, y, new):
                kept.append((y, old, new))
                counted += weights[row - first : row - first + 1]
        return cls._of_valid(problem, kept, row - first + 1, wanted, counted)

    @classmethod
    def _of_valid(
        cls, problem: str, rows: _Rows, seen: int, wanted: Wanted, weights: Sequence[float]
    ) -> PairedSums:
        with_champion = sum(old is not None for _, old, _ in rows)
        if with_champion not in (0, len(rows)):
            raise ValueError(
                f"the champion scored {with_champion} of {len(rows)} rows: pairs must be complete"
            )
        metrics = {
            name: _paired(loss, rows, weights) for name, loss in losses_of(problem, wanted.quantiles).items()
        }
        more = _of_numbers(rows) if problem == "regression" else _of_classes(problem, rows, wanted)
        metrics |= more.pop("metrics", {})
        target = Moments.of([y for y, _, _ in rows])
        return cls(problem, len(rows), seen - len(rows), metrics, target, weights=Moments.of(weights), **more)

    @property
    def paired(self) -> bool:
        """Was there a champion?"""
        return any(m.difference.n for m in self.metrics.values())

    @property
    def distinct_rows(self) -> int:
        """Scored rows, each once."""
        return round(self.rows / self.resampling.repeats)

    def __add__(self, other: PairedSums) -> PairedSums:
        if self.problem != other.problem:
            raise ValueError(f"problem: cannot merge {self.problem!r} with {other.problem!r}")
        if self.rows and other.rows and self.paired != other.paired:
            raise ValueError("the champion scored one chunk and not the other: pairs must be complete")
        if self.resampling != other.resampling:
            raise ValueError(
                "resampling: rows that were predicted once and rows that were predicted often do not merge"
            )
        return PairedSums(
            self.problem,
            self.rows + other.rows,
            self.invalid + other.invalid,
            _joined(self.metrics, other.metrics, PairedMoments(Moments(), Moments(), Moments())),
            self.target + other.target,
            sum_counts((self.classes, other.classes)),
            self.scores + other.scores,
            self.confusion + other.confusion,
            self.calibration + other.calibration,
            _joined(self.areas, other.areas, ScoreCounts()),
            self.sizes + other.sizes,
            self.residuals + other.residuals,
            self.resampling,
            self.weights + other.weights,
        )

    @property
    def weighed(self) -> PairedSums:
        """Once all rows are there: losses of which the mean is sum(w * loss) / sum(w), in units of the loss."""
        if not self.weights.n:
            return self
        unit = 1 / self.weights.mean if self.weights.mean else 0.0
        return replace(
            self,
            weights=Moments(),
            metrics={name: each.scaled(unit) for name, each in self.metrics.items()},
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
            "confusion": dict(self.confusion.counts),
            "calibration": self.calibration.to_dict(),
            "areas": {index: counts.to_dict() for index, counts in self.areas.items()},
            "sizes": self.sizes.to_list(),
            "residuals": self.residuals.to_dict(),
            "resampling": self.resampling.to_list(),
            **({"weights": self.weights.to_list()} if self.weights.n else {}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PairedSums:
        """Also of sums that an older release left, which have fewer parts."""
        return cls(
            data["problem"],
            data["rows"],
            data["invalid"],
            {name: PairedMoments.from_dict(m) for name, m in data["metrics"].items()},
            Moments.from_list(data["target"]),
            dict(data["classes"]),
            ScoreCounts.from_dict(data["scores"]),
            Confusion(dict(data.get("confusion", {}))),
            Calibration.from_dict(data.get("calibration", {})),
            {index: ScoreCounts.from_dict(counts) for index, counts in data.get("areas", {}).items()},
            CoMoments.from_list(data.get("sizes", (0, (), ()))),
            Residuals.from_dict(data.get("residuals", {})),
            Resampling.from_list(data.get("resampling", (0, 1))),
            Moments.from_list(data.get("weights", (0, 0.0, 0.0))),
        )


def merge(parts: Iterable[PairedSums]) -> PairedSums:
    """All chunks as one; at least one chunk is needed."""
    return reduce(add, parts)


def _joined(mine: Mapping[str, Any], theirs: Mapping[str, Any], none: Any) -> dict[str, Any]:
    """Two dictionaries of what can be added; `none` stands for what one of them lacks."""
    return {name: mine.get(name, none) + theirs.get(name, none) for name in {**mine, **theirs}}


def _paired(loss: Loss, rows: _Rows, weights: Sequence[float] = ()) -> PairedMoments:
    old = [loss(y, old) for y, old, _ in rows if old is not None]
    new = [loss(y, new) for y, _, new in rows]
    if weights:
        old, new = ([w * each for w, each in zip(weights, found, strict=False)] for found in (old, new))
    return PairedMoments.of(old, new)


def _of_numbers(rows: _Rows) -> dict[str, Any]:
    sizes = CoMoments.of(
        [[*(abs(p - y) for p in (old, new) if p is not None), abs(y)] for y, old, new in rows]
    )
    relative = _paired(percentage_error, [row for row in rows if abs(row[0]) > SMALLEST])
    return {"metrics": {PERCENTAGE: relative}, "sizes": sizes, "residuals": Residuals.of(rows)}


def _of_classes(problem: str, rows: _Rows, wanted: Wanted) -> dict[str, Any]:
    confusion = Confusion.of(
        (int(y), None if old is None else class_said(problem, old), class_said(problem, new))
        for y, old, new in rows
    )
    calibration = Calibration.of(
        (None if old is None else surest(problem, y, old), surest(problem, y, new)) for y, old, new in rows
    )
    return {
        "classes": sum_counts({str(int(y)): 1} for y, _, _ in rows),
        "scores": ScoreCounts.of((y == 1, old, new) for y, old, new in rows)
        if problem == "binary"
        else ScoreCounts(),
        "confusion": confusion,
        "calibration": calibration,
        "areas": {str(index): _area(index, rows) for index in wanted.areas},
    }


def _area(index: int, rows: _Rows) -> ScoreCounts:
    """Scores of one class against the rest; a model that knows fewer classes gives it no probability."""
    return ScoreCounts.of(
        (y == index, None if old is None else _score(index, old), _score(index, new)) for y, old, new in rows
    )


def _score(index: int, probabilities: Sequence[float]) -> float:
    return probabilities[index] if index < len(probabilities) else 0.0


def _check_label(problem: str, y: float, row: int) -> None:
    if not math.isfinite(y):
        raise ValueError(f"row {row}: the label is not a number")
    if abs(y) > LARGEST:
        raise ValueError(f"row {row}: the label is too large for 32-bit floating point; scale the column")
    if problem == "binary" and y not in (0, 1):
        raise ValueError(f"row {row}: a binary label must be 0 or 1")
    if problem == "multiclass" and (y < 0 or y != int(y)):
        raise ValueError(f"row {row}: a class label must be an index 0, 1, 2, ...")
