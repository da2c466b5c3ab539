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
from math import nan

import orjson

FLOAT32_MAX = 3.4028235677973362e38  # where rounding to 32 bits still finds a finite number
TOO_LARGE = "the number is too large for 32-bit floating point"

# Numbers, as `in` takes b"\n" for a number first, and fails at it for longer than it then searches a row.
LINE_FEED, RETURN, QUOTE, _T, _F = b'\n\r"tf'
_PLAIN_FIELDS = b"0123456789+-.eE \t,"
_BLANK = b" \t"
# Each digit in one way alone: with two, many digits that are no number would take minutes.
_NUMBER = re.compile(rb"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


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
    if RETURN in text:
        text = text.replace(b"\r\n", b"\n")
    return text.removesuffix(b"\n")


def parse_fields(fields: Sequence[str]) -> "array[float]":
    """Read fields that were taken out of their rows, by the same grammar. Raises FieldError."""
    values = _read_plain_fields(fields)
    return array("f", _read_fields_carefully(fields)) if values is None else values


def _read_plain_fields(fields: Sequence[str]) -> "array[float] | None":
    """The values of fields if they are plain JSON numbers, else None."""
    text = ",".join(fields).encode()
    if text.translate(None, _PLAIN_FIELDS):
        return None
    try:
        numbers: list[float] = orjson.loads(b"[" + text + b"]")
    except orjson.JSONDecodeError:
        return None
    return float32(numbers) if len(numbers) == len(fields) else None


def _read_plain(text: bytes, width: int) -> "array[float] | None":
    """All values if they are plain JSON numbers in rows of equal width, else None.

    A row at a time: the numbers of all would leave the caches. Of what else is JSON, only booleans pass for numbers.
    """
    if _T in text or _F in text or RETURN in text:
        return None
    pack, lines = packer(width), (b"[" + text.replace(b"\n", b"]\n[") + b"]").split(b"\n")
    try:
        return array("f", b"".join([pack(*row) for row in map(orjson.loads, lines)]))
    except (orjson.JSONDecodeError, struct.error, OverflowError):
        return None


@lru_cache(maxsize=64)
def packer(width: int) -> Callable[..., bytes]:
    """So many numbers to 32 bits each, in the standard form ("="): the machine's own lets what is too large pass.

    Raises struct.error where there are more or fewer, or what is no number, and OverflowError.
    """
    return struct.Struct(f"={width}f").pack


def float32(numbers: Sequence[float]) -> "array[float] | None":
    """The numbers in 32 bits, None where one does not fit; an array takes longer to fill itself."""
    try:
        return array("f", packer(len(numbers))(*numbers))
    except OverflowError:
        return None


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
