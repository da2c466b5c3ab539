"""Rows as they are handed on to channels: columns of bytes, so that no value becomes an object.

A row's target is a text in its one form, its features are the end of a line of a channel, and its words and numbers are
as core.data.identity takes them: what a row is made of is read once, at the door.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from switchyard.core.data.contract import Kind


class Shape(NamedTuple):
    """Where in a row the columns are that are read, and what their fields are.

    width: of a row; places and kinds: of the columns that are read, the target first.
    """

    width: int
    places: tuple[int, ...]
    kinds: tuple[Kind, ...]


class Texts(NamedTuple):
    """Texts one behind the other; `ends`: 32 bits each, where in `body` each ends."""

    ends: "array[int]"
    body: bytes

    def each(self) -> list[bytes]:
        body = self.body
        return [body[start:end] for start, end in pairwise((0, *self.ends))]


def texts_of(texts: Sequence[bytes]) -> Texts:
    """The inverse of `each`."""
    return Texts(array("I", accumulate(map(len, texts))), b"".join(texts))


class PackedRow(NamedTuple):
    """One row; a member each for what PackedRows has of many."""

    target: bytes
    features: bytes
    words: bytes
    numbers: bytes


@dataclass(frozen=True)
class PackedRows:
    """Many rows that follow each other. numbers: `width` bytes a row, 32 bits each."""

    targets: Texts
    features: Texts
    words: Texts
    numbers: bytes
    width: int

    @property
    def rows(self) -> int:
        return len(self.targets.ends)

    def each_numbers(self) -> list[bytes]:
        """Those of each row."""
        if not self.width:
            return [b""] * self.rows
        return [self.numbers[at : at + self.width] for at in range(0, len(self.numbers), self.width)]

    def each(self) -> list[PackedRow]:
        own = (self.targets.each(), self.features.each(), self.words.each(), self.each_numbers())
        return list(map(PackedRow, *own))

    def replaced(self, rows: Mapping[int, PackedRow]) -> "PackedRows":
        """With other rows at some positions."""
        own = self.each()
        for at, row in rows.items():
            own[at] = row
        return packed_rows(own)


def packed_rows(rows: Iterable[PackedRow]) -> PackedRows:
    """At least one row."""
    targets, features, words, numbers = zip(*rows, strict=True)
    return PackedRows(
        texts_of(targets), texts_of(features), texts_of(words), b"".join(numbers), len(numbers[0])
    )


@dataclass(frozen=True)
class ReadRows:
    """Rows as the engine read them. odd: by position the fields, the target first, of those that are for the rules of
    core.data to read; what is packed of them means nothing. values: of the columns that were asked for, a list each.
    """

    packed: PackedRows
    odd: Mapping[int, list[str]]
    values: Sequence[Sequence[float | str]] = ()
