"""Rows of typed fields to rows of numbers.

The columns for XGBoost: numbers and booleans, then categories as their codes, then dates and texts; each group
in the order of the contract. The label of a training row is a number in front of the others.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from container.features.contract import BOOLEAN, CATEGORY, DATE, NUMBER, TEXT, Feature
from container.features.dates import DATE_PARTS, date_parts
from container.features.words import WORD_COLUMNS, word_counts
from container.numeric_csv import FieldError, RowError, Rows

Row = Sequence[Any]
Book = Mapping[str, float]

WIDE: Mapping[str, Callable[[str], Iterable[float]]] = {DATE: date_parts, TEXT: word_counts}
_WIDTHS = {NUMBER: 1, BOOLEAN: 1, CATEGORY: 1, DATE: len(DATE_PARTS), TEXT: WORD_COLUMNS}
_TRUTH_VALUES = {0.0, 1.0}


class Encoder:
    """`books` holds the code book of each category feature by its name."""

    def __init__(self, features: Sequence[Feature], books: Mapping[str, Book]) -> None:
        self.field_count = len(features)
        self.width = sum(_WIDTHS[feature.kind] for feature in features)
        self.numbers = positions(features, NUMBER, BOOLEAN)
        booleans = frozenset(positions(features, BOOLEAN))
        self._boolean_columns = [at for at, position in enumerate(self.numbers) if position in booleans]
        self.texts = positions(features, CATEGORY, DATE, TEXT)
        categories = positions(features, CATEGORY)
        self.category_columns = range(len(self.numbers), len(self.numbers) + len(categories))
        self._wide = [(at, WIDE[features[at].kind]) for at in positions(features, DATE, TEXT)]
        self._books = [(books[features[at].name], at) for at in categories]
        self._numbers_of = picker(self.numbers)

    def encode(self, rows: Sequence[Row], read: Callable[[list[Any]], "array[float]"]) -> Rows:
        """`read` turns the fields of numbers into values and may raise FieldError. Raises RowError.

        Every row has `field_count` fields, those at `texts` are texts.
        """
        self.check_widths(rows)
        numbers = self._read_numbers(rows, read)
        if not self.texts:
            return Rows(numbers, self.width)
        width, values = len(self.numbers), array("f")
        for at, row in enumerate(rows):
            values += numbers[at * width : (at + 1) * width]
            self._extend(values, at, row)
        return Rows(values, self.width)

    def _extend(self, values: "array[float]", at: int, row: Row) -> None:
        """Puts what the texts of a row become behind `values`."""
        values.fromlist([book[row[at]] for book, at in self._books])
        for position, parts in self._wide:
            values.extend(_parts(at, position, row, parts))

    def is_boolean(self, index: int) -> bool:
        """Whether the value at `index` of the numbers, row after row, is a boolean."""
        return index % len(self.numbers) in self._boolean_columns

    def check_widths(self, rows: Sequence[Row]) -> None:
        if {self.field_count}.issuperset(map(len, rows)):
            return
        at, row = next((at, row) for at, row in enumerate(rows) if len(row) != self.field_count)
        reason = f"{len(row)} fields found, {self.field_count} expected" if row else "the row is empty"
        raise RowError(at + 1, None, reason)

    def check_booleans(self, values: "array[float]") -> None:
        """`values` of the numbers, row after row. Raises RowError where a boolean is neither 1 nor 0."""
        width = len(self.numbers)
        for column in self._boolean_columns:
            given = values[column::width]
            if not _TRUTH_VALUES.issuperset(given) and any(map(_untrue, given)):
                row = next(at for at, value in enumerate(given) if _untrue(value))
                raise RowError(row + 1, self.numbers[column] + 1, "a boolean is 1, 0 or empty")

    def _read_numbers(
        self, rows: Sequence[Row], read: Callable[[list[Any]], "array[float]"]
    ) -> "array[float]":
        try:
            values = read(list(chain.from_iterable(map(self._numbers_of, rows))))
        except FieldError as error:
            row, column = divmod(error.index, len(self.numbers))
            raise RowError(row + 1, self.numbers[column] + 1, error.reason) from None
        self.check_booleans(values)
        return values


def _parts(at: int, position: int, row: Row, parts: Callable[[str], Iterable[float]]) -> Iterable[float]:
    try:
        return parts(row[position])
    except ValueError as error:
        raise RowError(at + 1, position + 1, str(error)) from None


def _untrue(value: float) -> bool:
    return value == value and value not in _TRUTH_VALUES


def positions(features: Sequence[Feature], *kinds: str) -> list[int]:
    return [at for at, feature in enumerate(features) if feature.kind in kinds]


def picker(chosen: Sequence[int]) -> Callable[[Row], Sequence[Any]]:
    """The fields at some positions, in one call."""
    first, end = (chosen[0], chosen[-1] + 1) if chosen else (0, 0)
    if end - first == len(chosen):
        return itemgetter(slice(first, end))  # side by side: one copy
    return itemgetter(*chosen)
