"""How the training rows are distributed, feature by feature: the bins against which live input is later held."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from heapq import heappush, heappushpop
from typing import Any

from switchyard.core.data.contract import Kind
from switchyard.core.data.words import word
from switchyard.stats.population_stability import category_shares, cuts_of, shares_of

SAMPLED_ROWS = 10_000
MOST_VALUES = 20  # of a category; the rarer ones are one bin


@dataclass(frozen=True)
class Feature:
    """One column of the training rows: its bins, and the share of rows in each, missing values last.

    cuts: borders of the bins of a number. values: of a category, the frequent ones, a bin each; before the missing
    values is the bin of all others. Without shares (texts, and dates, which go on by themselves) it is not watched.
    """

    name: str
    cuts: tuple[float, ...]
    shares: tuple[float, ...]
    values: tuple[str, ...] = ()

    def shares_in(self, fields: Sequence[str]) -> tuple[float, ...]:
        """Of other fields, over the same bins."""
        if not self.values:
            return shares_of([number(text) for text in fields], self.cuts)
        return category_shares([word(text) for text in fields], self.values)


@dataclass(frozen=True)
class InputDistribution:
    """Features in the order in which the model wants them."""

    features: tuple[Feature, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "InputDistribution":
        return cls(
            tuple(
                Feature(f["name"], tuple(f["cuts"]), tuple(f["shares"]), tuple(f.get("values", ())))
                for f in data["features"]
            )
        )


class Sample:
    """A bounded sample of rows, chosen by their own hashes: the same rows give the same sample, in any order."""

    def __init__(
        self, names: Sequence[str], size: int = SAMPLED_ROWS, kinds: Sequence[Kind] | None = None
    ) -> None:
        self._names, self._kinds = names, kinds or (Kind.NUMBER,) * len(names)
        self._size = size
        self._rows: list[tuple[str, Sequence[str]]] = []

    def add(self, digest: str, row: Sequence[str]) -> None:
        """`digest`: the row's hash, in hex. Those with the largest are kept."""
        push = heappush if len(self._rows) < self._size else heappushpop
        push(self._rows, (digest, row))

    def baseline(self) -> InputDistribution:
        columns = zip(*(row for _, row in sorted(self._rows)), strict=True) if self._rows else iter(())
        named = zip(self._names, self._kinds, columns, strict=False)
        return InputDistribution(tuple(_feature(name, kind, column) for name, kind, column in named))


def _feature(name: str, kind: Kind, column: Sequence[str]) -> Feature:
    if kind in (Kind.TEXT, Kind.DATE):
        return Feature(name, (), ())
    if kind is Kind.CATEGORY:
        frequent = [value for value, _ in Counter(filter(None, column)).most_common(MOST_VALUES)]
        return Feature(name, (), category_shares(column, frequent), tuple(frequent))
    values = [number(text) for text in column]
    cuts = cuts_of(values)
    return Feature(name, cuts, shares_of(values, cuts))


def number(text: str) -> float:
    """A field as a number; NaN for what is missing or is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
