"""Numeric CSV: rows of numbers between commas and line feeds; an empty field or `nan` is a missing value.

Nearly all bodies are plain JSON numbers, so orjson reads each row as a list; what JSON refuses (`.5`, `+1`,
`007`, empty fields) and every faulty row take the careful way, which also words the error.
Field contents never appear in an error: they may be personal data, and errors end up in logs.
"""

import re
import struct
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf, nan

import orjson

FLOAT32_MAX = 3.4028235677973362e38  # where rounding to 32 bits still finds a finite number
TOO_LARGE = "the number is too large for 32-bit floating point"

_PLAIN_FIELDS = b"0123456789+-.eE \t,"
_BLANK = b" \t"
# Each digit in one way alone: with two, many digits that are no number would take minutes.
_NUMBER = re.compile(rb"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INFINITY, _MINUS_INFINITY = struct.pack("=f", inf), struct.pack("=f", -inf)
_TOP_BYTES = slice(_INFINITY.index(b"\x7f"), None, len(_INFINITY))  # of packed values


class RowError(ValueError):
    """A row that cannot be read. `row` and `field` count from 1; `field` is None for the whole row."""

    def __init__(self, row: int, field: int | None, reason: str) -> None:
        self.row, self.field, self.reason = row, field, reason
        place = f"row {row}" if field is None else f"row {row}, field {field}"
        super().__init__(f"{place}: {reason}")


class FieldError(ValueError):
    """A field that cannot be read: its index in the list that was given, and the reason."""

    def __init__(self, index: int, reason: str) -> None:
        self.index, self.reason = index, reason
        super().__init__(reason)


@dataclass(slots=True)  # not frozen: one is made for every request
class Rows:
    """A table of float32 values, row by row."""

    values: "array[float]"
    width: int

    def __len__(self) -> int:
        return len(self.values) // self.width


def parse_rows(text: bytes, width: int | None = None) -> Rows:
    """Read rows of `width` fields (None: as many as the first row has). Raises RowError."""
    text = unix_lines(text)
    width = width or text.partition(b"\n")[0].count(b",") + 1
    values = _read_plain(text, width)
    if values is None:
        values = array("f", _read_carefully(text.split(b"\n"), width))
    return Rows(values, width)


def unix_lines(text: bytes) -> bytes:
    """Lines with a line feed between them, whatever ended them."""
    if b"\r" in text:  # a search for two bytes takes eighty times as long
        text = text.replace(b"\r\n", b"\n")
    return text.removesuffix(b"\n")


def parse_fields(fields: Sequence[str]) -> "array[float]":
    """Read fields that were taken out of their rows, by the same grammar. Raises FieldError."""
    numbers = plain_fields(fields)
    values = None if numbers is None else float32(numbers)
    return array("f", _read_fields_carefully(fields)) if values is None else values


def plain_fields(fields: Sequence[str]) -> list[float] | None:
    """The values of fields if they are plain JSON numbers, else None; some may be too large for 32 bits."""
    text = ",".join(fields).encode()
    if text.translate(None, _PLAIN_FIELDS):
        return None
    try:
        numbers: list[float] = orjson.loads(b"[" + text + b"]")
    except orjson.JSONDecodeError:
        return None
    return numbers if len(numbers) == len(fields) else None


def _read_plain(text: bytes, width: int) -> "array[float] | None":
    """All values if they are plain JSON numbers in rows of equal width, else None.

    A row at a time: the numbers of all would leave the caches. Of what else is JSON, only booleans pass for numbers.
    """
    if b"t" in text or b"f" in text or b"\r" in text:
        return None
    pack, lines = _packer(width), (b"[" + text.replace(b"\n", b"]\n[") + b"]").split(b"\n")
    try:
        return _within(b"".join([pack(*row) for row in map(orjson.loads, lines)]))
    except (orjson.JSONDecodeError, struct.error):
        return None


@lru_cache(maxsize=8)
def _packer(width: int) -> Callable[..., bytes]:
    """So many numbers to 32 bits each; raises struct.error where there are more or fewer, or what is no number."""
    return struct.Struct(f"{width}f").pack


def float32(numbers: Sequence[float]) -> "array[float] | None":
    """The numbers in 32 bits, None where one does not fit; an array takes three times as long to fill itself."""
    return _within(struct.pack(f"{len(numbers)}f", *numbers))


def _within(raw: bytes) -> "array[float] | None":
    """Packed values, None where one is infinite: it was too large."""
    top = raw[_TOP_BYTES]
    if (b"\x7f" in top or b"\xff" in top) and (_holds(raw, _INFINITY) or _holds(raw, _MINUS_INFINITY)):
        return None
    return array("f", raw)


def _holds(raw: bytes, value: bytes) -> bool:
    """Whether one of the 32-bit values is this one; the same bytes may also straddle two of them."""
    at = raw.find(value)
    while at >= 0 and at % len(value):
        at = raw.find(value, at + 1)
    return at >= 0


def _read_carefully(lines: list[bytes], width: int) -> Iterator[float]:
    for row, line in enumerate(lines, start=1):
        if not line.strip(_BLANK):
            raise RowError(row, None, "the row is empty")
        fields = line.split(b",")
        if len(fields) != width:
            raise RowError(row, None, f"{len(fields)} fields found, {width} expected")
        for position, field in enumerate(fields, start=1):
            try:
                yield _read_field(field.strip(_BLANK))
            except ValueError as error:
                raise RowError(row, position, str(error)) from None


def _read_fields_carefully(fields: Sequence[str]) -> Iterator[float]:
    for index, field in enumerate(fields):
        try:
            yield _read_field(field.encode().strip(_BLANK))
        except ValueError as error:
            raise FieldError(index, str(error)) from None


def _read_field(field: bytes) -> float:
    """Raises ValueError with the reason."""
    if not field or field.lower() == b"nan":
        return nan
    if not _NUMBER.fullmatch(field):
        raise ValueError("not a number")
    value = float(field)
    if abs(value) > FLOAT32_MAX:
        raise ValueError(TOO_LARGE)
    return value
