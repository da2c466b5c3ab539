"""Does the live input still look like what the champion was trained on? Feature by feature, against frozen bins."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from heapq import heappush, heappushpop
from typing import Any

from switchyard.stats.drift import cuts_of, psi, shares_of

SAMPLED_ROWS = 10_000


@dataclass(frozen=True)
class DriftPolicy:
    """threshold: PSI above which a feature has drifted. Fewer than minimum_rows say nothing. Live rows of the last
    window_hours are looked at; a run that drift has started is the last for cooldown_hours.
    """

    threshold: float = 0.2
    minimum_rows: int = 1000
    window_hours: float = 24.0
    cooldown_hours: float = 24.0


@dataclass(frozen=True)
class Feature:
    """One column of the training rows: borders of its bins, and the share of rows in each, missing values last."""

    name: str
    cuts: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Baseline:
    """Features in the order in which the model wants them."""

    features: tuple[Feature, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Baseline":
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

    def baseline(self) -> Baseline:
        columns = zip(*(row for _, row in sorted(self._rows)), strict=True) if self._rows else iter(())
        return Baseline(
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


def drift_of(baseline: Baseline, rows: Sequence[Sequence[str]]) -> list[tuple[str, float]]:
    """PSI of every feature, the largest first. Rows of another width are left out: this model cannot take them."""
    width = len(baseline.features)
    columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
    if not columns:
        return []
    found = [
        (feature.name, psi(feature.shares, shares_of([number(text) for text in column], feature.cuts)))
        for feature, column in zip(baseline.features, columns, strict=True)
    ]
    return sorted(found, key=lambda each: (-each[1], each[0]))
