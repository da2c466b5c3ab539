"""Count, mean and spread that merge: what a chunk of rows returns in place of its rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moments:
    """Of n values: their mean and m2, the sum of squared deviations from it."""

    n: int = 0
    mean: float = 0.0
    m2: float = 0.0

    @classmethod
    def of(cls, values: Sequence[float]) -> Moments:
        """Two passes, exact sums."""
        if not values:
            return cls()
        mean = math.fsum(values) / len(values)
        return cls(len(values), mean, math.fsum((v - mean) ** 2 for v in values))

    def __add__(self, other: Moments) -> Moments:
        """Chan, Golub & LeVeque (1979): no cancellation, whatever the size of the mean."""
        n = self.n + other.n
        if not n:
            return self
        delta = other.mean - self.mean
        mean = self.mean + delta * other.n / n
        return Moments(n, mean, self.m2 + other.m2 + delta * delta * self.n * other.n / n)

    @property
    def variance(self) -> float:
        """Of one value (sample variance)."""
        return self.m2 / (self.n - 1) if self.n > 1 else 0.0

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return math.sqrt(self.variance / self.n) if self.n else 0.0

    def scaled(self, unit: float) -> Moments:
        """Of the same values, each times `unit`."""
        return Moments(self.n, self.mean * unit, self.m2 * unit * unit)

    def to_list(self) -> list[float]:
        return [self.n, self.mean, self.m2]

    @classmethod
    def from_list(cls, data: Sequence[float]) -> Moments:
        return cls(int(data[0]), float(data[1]), float(data[2]))


@dataclass(frozen=True, slots=True)
class PairedMoments:
    """One metric's losses on the same rows: the champion's, the challenger's, their difference (new - old)."""

    champion: Moments
    challenger: Moments
    difference: Moments

    @classmethod
    def of(cls, champion: Sequence[float], challenger: Sequence[float]) -> PairedMoments:
        """`champion` is empty when there is none; otherwise row by row beside `challenger`."""
        pairs = zip(champion, challenger, strict=True) if champion else ()
        difference = [new - old for old, new in pairs]
        return cls(Moments.of(champion), Moments.of(challenger), Moments.of(difference))

    def __add__(self, other: PairedMoments) -> PairedMoments:
        return PairedMoments(
            self.champion + other.champion,
            self.challenger + other.challenger,
            self.difference + other.difference,
        )

    def scaled(self, unit: float) -> PairedMoments:
        """Of the same losses, each times `unit`."""
        return PairedMoments(*(getattr(self, name).scaled(unit) for name in self.__slots__))

    def to_dict(self) -> dict[str, list[float]]:
        return {name: getattr(self, name).to_list() for name in self.__slots__}

    @classmethod
    def from_dict(cls, data: Mapping[str, Sequence[float]]) -> PairedMoments:
        return cls(*(Moments.from_list(data[name]) for name in cls.__slots__))


def sum_counts(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add dictionaries of counts."""
    total: dict[str, int] = {}
    for part in parts:
        for key, count in part.items():
            total[key] = total.get(key, 0) + count
    return total
