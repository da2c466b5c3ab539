"""Draws of small data whose truth is known: two classes, normal with unit variance around +shift and -shift.

The error of a linear rule is a formula then, so an interval can be held against it without a second sample.
"""

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
import numpy.typing as npt

from switchyard.stats.paired import PairedSums
from switchyard.stats.resampling import Resampling

Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """Says class 1 where weights * x > limit."""

    weights: Table
    limit: float

    def says(self, rows: Table) -> Table:
        return (rows @ self.weights > self.limit).astype(float)

    def error(self, shift: Table) -> float:
        """The probability of a wrong answer, classes being equally frequent."""
        size, middle = float(np.linalg.norm(self.weights)) or 1e-12, float(self.weights @ shift)
        return (_above((middle - self.limit) / size) + _above((middle + self.limit) / size)) / 2


def _above(z: float) -> float:
    return erfc(z / sqrt(2)) / 2


@dataclass(frozen=True)
class Procedure:
    """Fisher's discriminant on the first columns."""

    columns: int

    def train(self, rows: Table, labels: Table) -> Rule:
        own = rows[:, : self.columns]
        ones, zeros = own[labels == 1], own[labels == 0]
        apart = np.concatenate([ones - ones.mean(0), zeros - zeros.mean(0)])
        weights = np.linalg.solve(apart.T @ apart + 1e-6 * np.eye(self.columns), ones.mean(0) - zeros.mean(0))
        limit = float(weights @ (ones.mean(0) + zeros.mean(0)) / 2)
        return Rule(np.concatenate([weights, np.zeros(rows.shape[1] - self.columns)]), limit)


@dataclass(frozen=True)
class Draw:
    """One small dataset, half of each class."""

    rows: Table
    labels: Table

    @classmethod
    def of(cls, random: np.random.Generator, rows: int, shift: Table) -> "Draw":
        labels = np.arange(rows) % 2.0
        return cls(random.normal(size=(rows, len(shift))) + np.outer(2 * labels - 1, shift), labels)

    def sums(
        self, random: np.random.Generator, old: Procedure, new: Procedure, how: Resampling
    ) -> PairedSums:
        """Out-of-fold answers of both procedures, as the gate keeps them."""
        pairs = []
        for _ in range(how.repeats):
            folds = np.empty(len(self.labels), int)
            for label in (0, 1):
                own = random.permutation(np.flatnonzero(self.labels == label))
                folds[own] = np.arange(len(own)) % how.folds
            for fold in range(how.folds):
                out = folds == fold
                said = [p.train(self.rows[~out], self.labels[~out]).says(self.rows[out]) for p in (old, new)]
                pairs += zip(self.labels[out], *said, strict=True)
        return PairedSums.from_rows("binary", [tuple(map(float, each)) for each in pairs])
