"""Rows as they are handed on to channels: columns of bytes, so that no value becomes an object.

A row is its digest (core.data.identity), the index of its class, and its line in a channel: what it is made of is read
once, at the door.
"""

import struct
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

from switchyard.core.data.contract import Kind
from switchyard.core.data.csv_line import csv_line

DIGEST = 32  # bytes
Codes = Mapping[float | str, int]  # by a value of the target the index of its class


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

    def at(self, place: int) -> bytes:
        return self.body[self.ends[place - 1] if place else 0 : self.ends[place]]


def texts_of(texts: Sequence[bytes]) -> Texts:
    """The inverse of `each`."""
    return Texts(array("I", accumulate(map(len, texts))), b"".join(texts))


def parts_of(body: bytes, size: int) -> list[bytes]:
    """Each so many bytes long."""
    return [part for (part,) in struct.iter_unpack(f"{size}s", body)]


def beginning_of(digest: bytes) -> int:
    return int.from_bytes(digest[:8])


class PackedRow(NamedTuple):
    """One row; a member each for what PackedRows has of many."""

    digest: bytes
    code: int
    line: bytes


@dataclass(frozen=True)
class PackedRows:
    """Many rows that follow each other. digests: 32 bytes a row. codes: 32 bits each, the index of a row's class, and 0
    of a regression. lines: the label first, as a channel has them.
    """

    digests: bytes
    codes: "array[int]"
    lines: Texts

    @property
    def rows(self) -> int:
        return len(self.codes)

    @cached_property
    def beginnings(self) -> "array[int]":
        """The first 64 bits of each digest; they have its order."""
        found = array("Q", self.digests)[:: DIGEST // 8]
        if sys.byteorder == "little":
            found.byteswap()
        return found

    def digest(self, at: int) -> bytes:
        return self.digests[DIGEST * at : DIGEST * (at + 1)]

    def each(self) -> list[PackedRow]:
        return list(map(PackedRow, parts_of(self.digests, DIGEST), self.codes, self.lines.each()))

    def replaced(self, rows: Mapping[int, PackedRow]) -> "PackedRows":
        """With other rows at some positions."""
        own = self.each()
        for at, row in rows.items():
            own[at] = row
        return packed_rows(own)


def packed_rows(rows: Iterable[PackedRow]) -> PackedRows:
    """At least one row."""
    digests, codes, lines = zip(*rows, strict=True)
    return PackedRows(b"".join(digests), array("I", codes), texts_of(lines))


def line_of(label: str, features: Sequence[str]) -> bytes:
    """A row in a channel. label: the index of its class, or the number of a regression as it is written."""
    return csv_line([label, *features]).encode()


@dataclass(frozen=True)
class ReadRows:
    """Rows as the engine read them. odd: by position the fields, the target first, of those that are for the rules of
    core.data to read; what is packed of them means nothing. values: of the columns that were asked for, a list each.
    packed: None where that was not asked for.
    """

    rows: int
    odd: Mapping[int, list[str]]
    values: Sequence[Sequence[float | str]] = ()
    packed: PackedRows | None = None
