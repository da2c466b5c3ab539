"""What is wrong with a file of scores, in words that help: of its header, or of the row that its reader gave up at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from switchyard.core.data.csv_line import csv_rows
from switchyard.core.data.normalized_text import column_name
from switchyard.core.errors import InvalidDatasetError
from switchyard.intake.rules.header import shown

_LINE = re.compile(r"CSV Error on Line: ([0-9]+)")
_ORIGINAL = re.compile("Original Line: *(.+)")
_FIELD = re.compile(r'Error when converting column "f([0-9]+)"')
_OTHER_SEPARATORS = {";": "';'", "\t": "tabs", "|": "'|'"}
GZIP = b"\x1f\x8b"
_OTHER_FORMS = {
    b"PK\x03\x04": "this is a zip archive or an Excel workbook; save the sheet as CSV",
    b"\x28\xb5\x2f\xfd": "it is compressed with zstd; gzip is read: pack it so, or unpack it",
    GZIP: "it is packed twice; unpack it once",
    b"\xff\xfe": "it is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "it is UTF-16 text; save it as UTF-8",
    b"{": "this is JSON; write the scores as CSV or Parquet",
    b"[": "this is JSON; write the scores as CSV or Parquet",
}


def refuse_form(file: str, head: bytes) -> None:
    """InvalidDatasetError for what is no CSV by its first bytes."""
    if not head.strip():
        raise InvalidDatasetError(
            f"{file}: it is empty; write a header and a row for every row that was scored"
        )
    for sign, said in _OTHER_FORMS.items():
        if head.startswith(sign):
            raise InvalidDatasetError(f"{file}: {said}")
    if b"\r" in head.rstrip(b"\r\n"):
        raise InvalidDatasetError(f"{file}: its lines end with CR alone: save it with LF or CRLF")


def missing(file: str, needed: str, names: Sequence[str]) -> InvalidDatasetError:
    """Of a header without what is needed: how it may be meant."""
    told = shown(", ".join(name[:60] for name in names[:20]))
    return InvalidDatasetError(
        f"{file}: columns {needed} are needed; found: {told}. Next: {_remedy(needed, names)}"
    )


def _remedy(needed: str, names: Sequence[str]) -> str:
    if len(names) == 1:
        for sign, called in _OTHER_SEPARATORS.items():
            if sign in names[0]:
                return f"the columns are separated by {called}, and commas are read: save it with commas"
    by_class = "challenger_0" in needed
    if not by_class and "challenger_0" in names:
        return "of more than two classes say --problem multiclass"
    if by_class and "challenger" in names:
        return "of two classes leave --problem multiclass out"
    lower = {name.lower(): name for name in names}
    for name in needed.split(", "):
        close = get_close_matches(name, lower, 1, 0.8)
        if name not in names and close:
            return f"name them so; {lower[close[0]]!r} may be {name}"
    return "name them so"


def repeated(file: str, names: Sequence[str], wanted: Sequence[str]) -> None:
    """InvalidDatasetError where a column that is read stands twice: one of the two would be judged by, in silence."""
    twice = next((name for name in wanted if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidDatasetError(f"{file}: a column name occurs twice: '{twice}'; keep one of the two")


def _fields(line: str) -> list[str]:
    return list(map(column_name, next(csv_rows([line], strict=False), [])))


def unreadable(file: str, names: Sequence[str], error: Exception) -> InvalidDatasetError:
    """Of what a reader of numbers said."""
    said = str(error)
    line, field = _LINE.search(said), _FIELD.search(said)
    original = _ORIGINAL.search(said)
    if line and original and _fields(original[1]) == list(names):
        return InvalidDatasetError(
            f"{file}: row {line[1]}: it repeats the header, as where files were joined; remove it"
        )
    if line and field:
        column = names[int(field[1])]
        what = (
            "labels are 0 and 1, indexes of classes from 0 on, or numbers"
            if column == "label"
            else "scores are numbers, as 0.25"
        )
        return InvalidDatasetError(f"{file}: row {line[1]}, column '{column}': not a number; {what}")
    if line:
        return InvalidDatasetError(
            f"{file}: row {line[1]}: it cannot be read as numbers in columns; it has other fields than the header, or "
            f"a quote that is never closed"
        )
    if "state machine" in said:  # what DuckDB says of CR LF beside LF, or beside CR
        return InvalidDatasetError(f"{file}: its lines end in different ways; save it with LF alone")
    if isinstance(error, UnicodeDecodeError):
        return InvalidDatasetError(f"{file}: it is not UTF-8 text; save it as UTF-8")
    if isinstance(error, EOFError):
        return InvalidDatasetError(f"{file}: the gzip archive ends too early; copy it again")
    return InvalidDatasetError(f"{file}: it cannot be read as numbers in columns: {said.splitlines()[0]}")
