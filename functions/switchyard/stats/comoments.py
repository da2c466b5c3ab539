"""Means and covariances of several numbers a row, that merge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Any


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    """Sum of products, rounded once."""
    return math.fsum(map(mul, one, other))


@dataclass(frozen=True, slots=True)
class CoMoments:
    """Of n rows of numbers: their means, and the sums of products of deviations from them, row by row of the matrix."""

    n: int = 0
    means: tuple[float, ...] = ()
    products: tuple[tuple[float, ...], ...] = ()

    @classmethod
    def of(cls, rows: Sequence[Sequence[float]]) -> CoMoments:
        """Two passes, exact sums."""
        if not rows:
            return cls()
        columns = list(zip(*rows, strict=True))
        means = tuple(math.fsum(column) / len(rows) for column in columns)
        apart = [[value - mean for value in column] for column, mean in zip(columns, means, strict=True)]
        products = tuple(tuple(dot(one, other) for other in apart) for one in apart)
        return cls(len(rows), means, products)

    def __add__(self, other: CoMoments) -> CoMoments:
        """As for variances (Chan, Golub & LeVeque 1979), with products in place of squares."""
        if not self.n or not other.n:
            return self if self.n else other
        n = self.n + other.n
        delta = [b - a for a, b in zip(self.means, other.means, strict=True)]
        means = tuple(a + d * other.n / n for a, d in zip(self.means, delta, strict=True))
        between = self.n * other.n / n
        products = tuple(
            tuple(a + b + d * e * between for a, b, e in zip(mine, theirs, delta, strict=True))
            for mine, theirs, d in zip(self.products, other.products, delta, strict=True)
        )
        return CoMoments(n, means, products)

    def error(self, weights: Sequence[float]) -> float:
        """Standard error of the mean of a weighted sum of a row's numbers."""
        if self.n < 2:
            return 0.0
        inner = [dot(weights, row) for row in self.products]
        return math.sqrt(max(0.0, dot(weights, inner)) / (self.n - 1) / self.n)

    def to_list(self) -> list[Any]:
        return [self.n, list(self.means), [list(row) for row in self.products]]

    @classmethod
    def from_list(cls, data: Sequence[Any]) -> CoMoments:
        n, means, products = data
        return cls(int(n), tuple(means), tuple(tuple(row) for row in products))
