"""JSON Lines as lines of CSV: an object a row. Its keys are the columns, in the order in which they first appear.

Numbers keep the digits that they are written with. Python's own reader costs no more than DuckDB's here, says in which
line it gave up, and never takes a number of 30 digits for a float.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from tempfile import TemporaryFile
from typing import Any, TextIO

from switchyard.core.data.csv_line import csv_line
from switchyard.core.data.normalized_text import column_name
from switchyard.core.data.size_limits import MAX_COLUMNS, refuse_large
from switchyard.core.errors import EmptyFileError, InvalidDatasetError

Decode = Callable[[str], Any]
MARK = "\ufeff"  # of byte order: files that were joined have one before a line
_ELSE: dict[object, str] = {True: "true", False: "false", None: ""}
_TYPES_OF_DYNAMODB = frozenset({"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"})
_FOUND = {str: "a text or a number", bool: "a boolean", list: "a list", type(None): "null"}


class _Names(dict[str, str]):
    """A key as a column is called; remembered for as many as a table may have."""

    def __missing__(self, key: str) -> str:
        name = column_name(key)
        if len(self) < MAX_COLUMNS:
            self[key] = name
        return name


def csv_of_json_lines(
    name: str, lines: Iterator[str], known: Sequence[str] = (), unit: str = "line", mark: str = "."
) -> Iterator[str]:
    """The header, then a line for each that there was; a key that an object lacks is a missing value.

    known: columns of the parts before this one; they come first. unit: what is counted, in what is said of a defect.
    mark: of decimals, which numbers are written with.
    """
    columns, names = {column: place for place, column in enumerate(known)}, _Names()
    with TemporaryFile("w+", encoding="utf-8", newline="\n") as spool:
        narrowest = _spool(name, lines, columns, names, spool, unit, _decoder(mark))
        if not columns:
            raise EmptyFileError(f"{name}: there is no object in it; write one object a line")
        spool.seek(0)
        yield csv_line(list(columns))
        yield from spool if narrowest == len(columns) else _widened(spool, len(columns))


def _decoder(mark: str) -> Decode:
    """An object is a tuple of pairs, a list a list, and numbers are text, as it stands but for the mark."""
    number: Callable[[str], str] = str if mark == "." else lambda text: text.replace(".", mark)
    return json.JSONDecoder(
        parse_float=number, parse_int=str, parse_constant=str, object_pairs_hook=tuple
    ).decode


def _spool(
    name: str,
    lines: Iterator[str],
    columns: dict[str, int],
    names: Mapping[str, str],
    spool: TextIO,
    unit: str,
    decode: Decode,
) -> int:
    """Writes every row as wide as columns are known by then; answers how wide the first is."""
    narrowest, size, taken, rows = 0, 0, 0, 0
    for number, line in enumerate(lines, start=1):
        if line.isspace():
            spool.write("\n")
            continue
        where = f"{name}: row {number + 1} ({unit} {number})"  # as in a table, whose header is row 1
        body = csv_line(_row(where, line, columns, names, decode))
        narrowest = narrowest or len(columns)
        size, taken, rows = size + len(body), taken + len(line), rows + 1
        refuse_large(name, max(size, rows * len(columns)), taken)
        try:
            spool.write(body)
        except UnicodeEncodeError:
            raise InvalidDatasetError(f"{where}: half a surrogate pair; write it as UTF-8") from None
    return narrowest


def _row(
    where: str, line: str, columns: dict[str, int], names: Mapping[str, str], decode: Decode
) -> list[str]:
    pairs = _object(where, line, decode)
    places = [columns.setdefault(names[key], len(columns)) for key, _ in pairs]
    if len(set(places)) < len(pairs):
        raise InvalidDatasetError(f"{where}: a key occurs twice; give every value its own")
    if len(columns) > MAX_COLUMNS:
        raise InvalidDatasetError(f"{where}: over {MAX_COLUMNS} keys by then; leave out what says nothing")
    _refuse_columns(where, pairs)
    row = [""] * len(columns)
    for place, (column, value) in zip(places, pairs, strict=True):
        row[place] = value if value.__class__ is str else _other(where, value, column)
    return row


def _refuse_columns(where: str, pairs: Sequence[tuple[str, Any]]) -> None:
    """A whole table in one object, by its columns or under a key."""
    values = [value for _, value in pairs if isinstance(value, list | tuple)]
    holds_rows = (
        len(values) == 1 and isinstance(values[0], list) and isinstance(next(iter(values[0]), None), tuple)
    )
    if values and len(values) == len(pairs) and all(map(_is_of_dynamodb, values)):
        raise InvalidDatasetError(
            f"{where}: its values are typed, as DynamoDB writes them; write each by itself, 5 for "
            '{"N": "5"}'
        )
    if len(values) == len(pairs) and (len(values) > 1 or holds_rows):
        raise InvalidDatasetError(
            f"{where}: it holds a table, not a row; write each row as an object in a line of its own (of pandas: "
            f"to_json(orient='records', lines=True))"
        )


def _is_of_dynamodb(value: Sequence[Any]) -> bool:
    return len(value) == 1 and isinstance(value, tuple) and value[0][0] in _TYPES_OF_DYNAMODB


def _object(where: str, line: str, decode: Decode) -> tuple[tuple[str, Any], ...]:
    try:
        found = decode(line.strip().lstrip(MARK))
    except json.JSONDecodeError as error:
        if "\r" in line.strip():
            raise InvalidDatasetError(
                f"{where}: its lines end with CR alone; save it with LF or CRLF"
            ) from None
        what = (
            "an object over several lines"
            if line.strip() in "[{"
            else f"not JSON from column {error.colno} on"
        )
        raise InvalidDatasetError(f"{where}: {what}; write one object a line") from None
    except RecursionError:
        raise InvalidDatasetError(f"{where}: nested too deeply to be read; write it flat") from None
    if not isinstance(found, tuple):
        raise InvalidDatasetError(
            f"{where}: {_FOUND[type(found)]} where an object was expected; write each row as an object, in a line of "
            f"its own"
        )
    return found


def _other(where: str, value: object, column: str) -> str:
    """What is neither text nor number."""
    if isinstance(value, list | tuple):
        raise InvalidDatasetError(
            f"{where}, column '{column[:64]}': nested; write a key for each of its values, or leave it out"
        )
    return _ELSE[value]


def _widened(spool: TextIO, width: int) -> Iterator[str]:
    for row in csv.reader(spool):
        yield csv_line(row + [""] * (width - len(row))) if row else "\n"
