"""What repeated cross-validation says of a model, and how sure it is: the same rows, predicted again and again.

Each of n rows is predicted R times, each time by a model that was trained without the fold of K in which it lies. The
n R losses are not independent: models share most of their training rows, and repeats share all rows. Nadeau & Bengio,
"Inference for the generalization error", Machine Learning 52, 2003, correct the variance of a mean over J splits from
S^2 / J to S^2 (1 / J + n_test / n_train); Bouckaert & Frank, "Evaluating the replicability of significance tests for
comparing learning algorithms", PAKDD 2004, apply it to R times K folds: J = K R, n_test / n_train = 1 / (K - 1).
The mean of a fold has the variance K s^2 / n, s^2 being that of one row, so

    variance of the mean = s^2 / n * (1 / R + K / (K - 1)),

R (1 / R + K / (K - 1)) times what n R independent rows would have.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resampling:
    """folds: 0 where every row was predicted once, by a model that is there (a holdout). repeats: predictions a row."""

    folds: int = 0
    repeats: int = 1

    @property
    def is_repeated(self) -> bool:
        return self.folds > 1

    @property
    def variance_factor(self) -> float:
        """Of the variance of a mean over n independent rows."""
        return 1 / self.repeats + self.folds / (self.folds - 1) if self.is_repeated else 1.0

    @property
    def widening(self) -> float:
        """Of an interval that takes all predictions for independent rows."""
        return math.sqrt(self.repeats * self.variance_factor)

    def effective(self, rows: float) -> float:
        """How many rows of a holdout are as sure as so many rows here."""
        return rows / self.variance_factor

    def to_list(self) -> list[int]:
        return [self.folds, self.repeats]

    @classmethod
    def from_list(cls, data: Sequence[int]) -> Resampling:
        folds, repeats = data
        return cls(int(folds), int(repeats))


ONCE = Resampling()
