"""The body of one row of CSV whose fields are plain, as most requests are, in few calls: it is calls that take long.

What is not plain, and what is wrong, is left to the way of many rows, which also words the error.
"""

import struct
from array import array
from collections.abc import Mapping, Sequence
from math import nan

import orjson

from container.features.contract import BOOLEAN, CATEGORY, DATE, NUMBER, TEXT, Feature
from container.features.encoder import WIDE, Book, picker, positions
from container.numeric_csv import LINE_FEED, QUOTE, RETURN, Rows, packer

_BOOLEANS: Mapping[bytes, float] = {b"0": 0.0, b"1": 1.0, b"": nan}
_T, _F = b"tf"  # of what else is JSON, only booleans pass for numbers


class PlainRow:
    """Gives the values that the `Encoder` of the same features and books gives."""

    def __init__(self, features: Sequence[Feature], books: Mapping[str, Book], width: int) -> None:
        numbers, booleans = positions(features, NUMBER), positions(features, BOOLEAN)
        categories = positions(features, CATEGORY)
        self._field_count, self._width, self._pack = len(features), width, packer(width)
        self._numbers_of = picker(numbers)
        self._books: list[tuple[Mapping[bytes, float], int]] = [(_BOOLEANS, at) for at in booleans]
        self._books += [(_BytesBook(books[features[at].name]), at) for at in categories]
        self._wide = [(WIDE[features[at].kind], at) for at in positions(features, DATE, TEXT)]
        found = [*numbers, *booleans]
        order = sorted(range(len(found)), key=found.__getitem__)
        self._ordered = None if found == sorted(found) else picker([*order, *range(len(found), width)])

    def read(self, body: bytes) -> Rows | None:
        """None where there is more to see to."""
        line = body.removesuffix(b"\n")
        if not line or LINE_FEED in line or QUOTE in line or RETURN in line:
            return None
        row = line.split(b",")
        if len(row) != self._field_count:
            return None
        numbers = b",".join(self._numbers_of(row))
        if _T in numbers or _F in numbers:
            return None
        try:
            values: list[float] = orjson.loads(b"[" + numbers + b"]")
            values += [book[row[at]] for book, at in self._books]
            for parts, at in self._wide:
                values += parts(row[at].decode())
            ordered = self._ordered(values) if self._ordered else values
            return Rows(array("f", self._pack(*ordered)), self._width)
        except (ValueError, LookupError, OverflowError, struct.error):
            return None


class _BytesBook(dict[bytes, float]):
    """A code book by the UTF-8 of the categories; indexing fails only on what is no UTF-8, by ValueError."""

    def __init__(self, book: Book) -> None:
        super().__init__((category.encode(), code) for category, code in book.items())
        self._book = book

    def __missing__(self, field: bytes) -> float:
        return self._book[field.decode()]
