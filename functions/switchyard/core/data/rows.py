"""Rows by the kinds of their columns: each field as a value, and as the text that trainers and servers read.

A value is a number (NaN where it is missing) or a text in its one form ("" where it is missing). Fields that are read
again and again, as those of categories are, are looked up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan, nan
from operator import itemgetter

from switchyard.core.data import dates, numbers
from switchyard.core.data.contract import Kind
from switchyard.core.data.dates import read_date
from switchyard.core.data.normalized_text import bare, boolean, word
from switchyard.core.data.numbers import is_missing, plain_row, read_number, read_numbers

Value = float | str
REMEMBERED = 4096  # texts of a column whose value is kept at hand
LONGEST_REMEMBERED = 64


def read_value(kind: Kind, text: str) -> Value | None:
    """None where the field is no such value; `fault` has the reason."""
    match kind:
        case Kind.NUMBER:
            return read_number(text)
        case Kind.BOOLEAN:
            return nan if is_missing(bare(text)) else _truth(text)
        case Kind.DATE:
            return "" if is_missing(bare(text)) else read_date(text)
    return None if "\0" in text else word(text)


def _truth(text: str) -> float | None:
    truth = boolean(text)
    if truth is not None:
        return float(truth)
    value = read_number(text)
    return value if value in (0.0, 1.0) else None


def fault(kind: Kind, text: str) -> str:
    """Why a field is none of its kind, and what to write instead; the value itself is not told."""
    if kind is Kind.BOOLEAN:
        return "not a boolean; write 1 and 0, true and false, or yes and no, and leave a missing one empty"
    if kind is Kind.DATE:
        is_word = numbers.is_word_for_missing(text)
        return f"not a date: {numbers.A_WORD_FOR_MISSING}" if is_word else dates.fault(text)
    return "there is a NUL byte in it; save it as UTF-8 text" if kind.is_words else numbers.fault(text)


def text_of(kind: Kind, value: Value) -> str:
    """A value as it is written in channels and requests; numbers keep the spelling that they came in."""
    if isinstance(value, str):
        return value
    return "" if isnan(value) else f"{value:g}" if kind is Kind.BOOLEAN else repr(value)


def selecting(places: Sequence[int], width: int = -1) -> Callable[[Sequence[str]], Sequence[str]]:
    """Picks the fields of a row at `places`; width: of the row, where all of it in order is no work."""
    if places and list(places) == list(range(width)):
        return lambda fields: fields
    if len(places) == 1:
        return lambda fields: (fields[places[0]],)
    return itemgetter(*places) if places else lambda _: ()


@dataclass(frozen=True)
class _Other:
    """A column that is no number, and the values of its texts so far."""

    at: int
    kind: Kind
    known: dict[str, Value]

    def read(self, text: str) -> Value | None:
        value = self.known.get(text)
        if value is None:
            value = read_value(self.kind, text)
            if value is not None and len(text) <= LONGEST_REMEMBERED and len(self.known) < REMEMBERED:
                self.known[text] = value
        return value


class RowReader:
    """Reads the fields of one row after another, in the order of `kinds`."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.kinds = tuple(kinds)
        self._others = [_Other(at, kind, {}) for at, kind in enumerate(kinds) if kind is not Kind.NUMBER]
        self._numbers = [at for at, kind in enumerate(kinds) if kind is Kind.NUMBER]
        self._pick = selecting(self._numbers)

    def values(self, fields: Sequence[str]) -> "list[Value] | int":
        """The values of a row; or the position of the first field that is none of its kind."""
        if not self._others:
            return read_numbers(fields)  # type: ignore[return-value]
        found = read_numbers(self._pick(fields))
        if isinstance(found, int):
            return self._numbers[found]
        values: list[Value] = list(found)
        for other in self._others:  # from left to right, so that each falls into its place
            value = other.read(fields[other.at])
            if value is None:
                return other.at
            values.insert(other.at, value)
        return values

    def texts(self, fields: Sequence[str], values: Sequence[Value]) -> list[str]:
        """The same row as every trainer and server reads it."""
        if not self._others:
            return plain_row(fields)
        texts = list(fields)
        for place, text in zip(self._numbers, plain_row(self._pick(fields)), strict=True):
            texts[place] = text
        for other in self._others:
            texts[other.at] = text_of(other.kind, values[other.at])
        return texts
