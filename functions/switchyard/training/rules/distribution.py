"""How the training rows are distributed, feature by feature: the bins against which live input is later held."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from heapq import heappush, heappushpop
from typing import Any

from switchyard.stats.population_stability import cuts_of, shares_of

SAMPLED_ROWS = 10_000


@dataclass(frozen=True)
class Feature:
    """One column of the training rows: borders of its bins, and the share of rows in each, missing values last."""

    name: str
    cuts: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class InputDistribution:
    """Features in the order in which the model wants them."""

    features: tuple[Feature, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "InputDistribution":
        return cls(tuple(Feature(f["name"], tuple(f["cuts"]), tuple(f["shares"])) for f in data["features"]))


class Sample:
    """A bounded sample of rows, chosen by their own hashes: the same rows give the same sample, in any order."""

    def __init__(self, names: Sequence[str], size: int = SAMPLED_ROWS) -> None:
        self._names = names
        self._size = size
        self._rows: list[tuple[str, Sequence[str]]] = []

    def add(self, digest: str, row: Sequence[str]) -> None:
        """`digest`: the row's hash, in hex. Those with the largest are kept."""
        push = heappush if len(self._rows) < self._size else heappushpop
        push(self._rows, (digest, row))

    def baseline(self) -> InputDistribution:
        columns = zip(*(row for _, row in sorted(self._rows)), strict=True) if self._rows else iter(())
        return InputDistribution(
            tuple(_feature(name, column) for name, column in zip(self._names, columns, strict=False))
        )


def _feature(name: str, column: Sequence[str]) -> Feature:
    values = [number(text) for text in column]
    cuts = cuts_of(values)
    return Feature(name, cuts, shares_of(values, cuts))


def number(text: str) -> float:
    """A field as a number; NaN for what is missing or is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
