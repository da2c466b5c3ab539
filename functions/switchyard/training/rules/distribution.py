"""How the training rows are distributed, column by column: the bins against which live input, and the next dataset, are
held.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from switchyard.core.data.contract import Contract, Kind
from switchyard.core.data.normalized_text import word
from switchyard.core.data.packed.packed_rows import PackedRows, beginning_of
from switchyard.core.known_members import known_members
from switchyard.stats.population_stability import bins_of, category_bins, category_shares, cuts_of, shares_of

SAMPLED_ROWS = 10_000
MOST_VALUES = 20  # of a category; the rarer ones are one bin
MOST_COUNTED = 500  # categories of a column; of one with more nothing is said of those that come and go
COARSE = 5  # bins of a column, and of a target that is a number, where both are looked at together

Table = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Feature:
    """One column of the training rows: its bins, and the share of rows in each, missing values last.

    cuts: borders of the bins of a number. values: of a category, the frequent ones, a bin each; before the missing
    values is the bin of all others. Without shares (texts, and dates, which go on by themselves) it is not watched.
    missing: share of the rows. categories: rows by category, None where they were not counted. by_target: rows by the
    target's bin and by this column's, coarsely. What is empty or None was not kept by an older version.
    """

    name: str
    cuts: tuple[float, ...]
    shares: tuple[float, ...]
    values: tuple[str, ...] = ()
    kind: str = ""
    missing: float | None = None
    categories: Mapping[str, int] | None = None
    by_target: Table = ()

    def shares_in(self, fields: Sequence[str]) -> tuple[float, ...]:
        """Of other fields, over the same bins."""
        if not self.values:
            return shares_of([number(text) for text in fields], self.cuts)
        return category_shares([word(text) for text in fields], self.values)

    def has_bins_for(self, kind: Kind) -> bool:
        """May a column of this kind be sorted into these bins?"""
        return bool(self.shares) and bool(self.values) == (kind is Kind.CATEGORY)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Feature":
        read: dict[str, Any] = {
            n: tuple(v) if isinstance(v, list) else v for n, v in known_members(cls, data).items()
        }
        return cls(**read | {"by_target": tuple(map(tuple, data.get("by_target", ())))})


@dataclass(frozen=True)
class InputDistribution:
    """Features in the order in which the model wants them; the target in its own bins.

    rows: of the whole dataset; sampled: of the training rows that this was read off. ignored: columns left out.
    """

    features: tuple[Feature, ...]
    target: Feature | None = None
    rows: int = 0
    sampled: int = 0
    ignored: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "InputDistribution":
        target = data.get("target")
        return cls(
            tuple(map(Feature.from_dict, data["features"])),
            Feature.from_dict(target) if target else None,
            int(data.get("rows", 0)),
            int(data.get("sampled", 0)),
            tuple(data.get("ignored", ())),
        )


class Sample:
    """A bounded sample of rows, chosen by their own hashes: the same rows give the same sample, in any order.

    read: of a row as it is added the target, then the features, as texts; only rows of the sample are read.
    """

    def __init__(
        self, contract: Contract, size: int = SAMPLED_ROWS, read: Callable[[Any], Sequence[str]] = tuple
    ) -> None:
        self._contract, self._size, self._read = contract, size, read
        self._rows: list[tuple[bytes, Any]] = []  # up to as many again, before they are sorted out
        self._least = b""

    def add(self, digest: bytes, row: Any) -> None:
        """Those with the largest digests are kept."""
        if digest >= self._least:
            self._rows.append((digest, row))
            if len(self._rows) > 2 * self._size:
                self._rows = self._largest()
                self._least = self._rows[0][0]

    def add_all(self, rows: PackedRows, chosen: bytes, row: Callable[[int], Any]) -> None:
        """Those of many rows that are chosen, by a mark of 1; row: by its position. Few are worth being asked for."""
        least = beginning_of(self._least)
        found = [at for at, each in enumerate(rows.beginnings) if each >= least and chosen[at]]
        if len(found) > self._size:
            least = sorted([rows.beginnings[at] for at in found])[-self._size]
        for at in found:
            if rows.beginnings[at] >= least:
                self.add(rows.digest(at), row(at))

    def _largest(self) -> list[tuple[bytes, Any]]:
        return sorted(self._rows)[-self._size :]

    def distribution(
        self, rows: int = 0, ignored: Iterable[str] = (), like: InputDistribution | None = None
    ) -> InputDistribution:
        """rows, ignored: of the whole dataset. like: whose bins are taken where they fit; otherwise its own."""
        if not self._rows:
            return InputDistribution((), None, rows, 0, tuple(ignored))
        sample = self._largest()
        columns = list(zip(*(self._read(row) for _, row in sample), strict=True))
        known = {each.name: each for each in like.features} if like else {}
        target, at = _target(self._contract, columns[0], like.target if like else None)
        named = zip(self._contract.features, columns[1:], strict=True)
        features = tuple(
            _feature(each.name, each.kind, column, known.get(each.name), at) for each, column in named
        )
        return InputDistribution(features, target, rows, len(sample), tuple(ignored))


def _target(
    contract: Contract, column: Sequence[str], like: Feature | None
) -> tuple[Feature, tuple[list[int], int]]:
    """The target in its bins; the bin of each row, and how many there are."""
    name, missing = contract.target, 0.0
    if contract.is_classification:
        values = like.values if like else contract.classes
        found = Feature(
            name, (), category_shares(column, values), values, Kind.CATEGORY, missing, _counted(column)
        )
        return found, (category_bins(column, values), len(values) + 2)
    numbers = [number(text) for text in column]
    cuts = like.cuts if like else cuts_of(numbers, COARSE)
    return Feature(name, cuts, shares_of(numbers, cuts), (), Kind.NUMBER, missing), (
        bins_of(numbers, cuts),
        len(cuts) + 2,
    )


def _feature(
    name: str, kind: Kind, column: Sequence[str], like: Feature | None, target: tuple[list[int], int]
) -> Feature:
    missing = column.count("") / len(column)
    if kind in (Kind.TEXT, Kind.DATE, Kind.RECORD):
        return Feature(name, (), (), (), kind, missing)
    bins = like if like and like.has_bins_for(kind) else None
    if kind is Kind.CATEGORY:
        frequent = bins.values if bins else _frequent(column)
        coarse, width = category_bins(column, frequent[:COARSE]), len(frequent[:COARSE]) + 2
        shares, table = category_shares(column, frequent), _table(target, coarse, width)
        return Feature(name, (), shares, frequent, kind, missing, _counted(column), table)
    values = [number(text) for text in column]
    cuts = bins.cuts if bins else cuts_of(values)
    fewer = cuts if len(cuts) < COARSE else cuts[1::2]
    table = _table(target, bins_of(values, fewer), len(fewer) + 2)
    return Feature(name, cuts, shares_of(values, cuts), (), kind, missing, None, table)


def _frequent(column: Sequence[str]) -> tuple[str, ...]:
    return tuple(value for value, _ in Counter(filter(None, column)).most_common(MOST_VALUES))


def _counted(column: Sequence[str]) -> dict[str, int] | None:
    counts = Counter(filter(None, column))
    return dict(counts.most_common()) if len(counts) <= MOST_COUNTED else None


def _table(target: tuple[list[int], int], bins: Sequence[int], width: int) -> Table:
    at, height = target
    counts = Counter(zip(at, bins, strict=True))
    return tuple(tuple(counts[row, column] for column in range(width)) for row in range(height))


def number(text: str) -> float:
    """A field as a number; NaN for what is missing or is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
