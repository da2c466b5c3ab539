"""The first line of a table: its columns, or what is wrong with them and how it is mended."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from switchyard.core.data.contract import is_nameless, nameless
from switchyard.core.data.normalized_text import absent, column_name
from switchyard.core.data.size_limits import refuse_wide
from switchyard.core.errors import InvalidDatasetError

MAX_COLUMN_NAME = 128
_VALUE = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)")
SEPARATORS = {";": "';'", "\t": "tabs", "|": "'|'"}
BETWEEN = re.compile(r"[,;\t|]")
ABOVE = "take out what stands above the header"
LOOKED_AT = 20  # rows below the first: what programs write above a table is no longer
UNREAD = {"^": "'^'", "~": "'~'", ":": "':'", "\x01": "Ctrl-A, as Hive writes it", " ": "blanks"}


def checked_columns(
    name: str, fields: Sequence[str], target: str, below: Iterable[Sequence[str]] = (), first: str = ""
) -> tuple[str, ...]:
    """The names, stripped; InvalidDatasetError for a table that cannot be trained on. below: the rows that follow.
    first: the file before it that has the target.
    """
    columns = stripped(name, fields)
    if target not in columns:
        raise InvalidDatasetError(
            f"{name}: row 1: the target column '{target}' is missing; found {shown(', '.join(columns[:8])[:200])}; "
            f"{_remedy(columns, target, below, first)}"
        )
    _check_names(name, columns)
    if len(columns) < 2:
        raise InvalidDatasetError(f"{name}: row 1: there is no feature column beside the target; add one")
    return columns


def stripped(name: str, fields: Sequence[str]) -> tuple[str, ...]:
    """The names without the blanks around them; a column without one is named by its place, as pandas does it.

    InvalidDatasetError for more than can be read.
    """
    refuse_wide(name, len(fields))
    return tuple(column_name(field) or nameless(place) for place, field in enumerate(fields))


def repeats(columns: Sequence[str], fields: Sequence[str]) -> bool:
    """Is a row the header once more? Where files were joined, a mark of byte order may stand before it."""
    if columns[0] not in fields[0] and fields[0].isascii():  # of nearly all rows nothing else is looked at
        return False
    return column_name(fields[0]) == columns[0] and tuple(map(column_name, fields)) == tuple(columns)


def shown(names: str) -> str:
    """Without signs that no screen shows."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in names)


def _remedy(columns: Sequence[str], target: str, below: Iterable[Sequence[str]], first: str) -> str:
    if otherwise := not_parted(columns, target):
        return otherwise
    if instead := where_the_header_is(columns, target, below):
        return instead
    meant = absent(columns, target)
    if first:
        return f"{meant} Write the header of {first}, which has it".lstrip()
    what = f"{meant} Then name it" if meant else "add the column, or name the right one"
    return f"{what} as `target` in pipeline.yaml"


def not_parted(columns: Sequence[str], name: str) -> str:
    """What to do about a line that was read as one column, `name` among others in it; "" where it is none."""
    if len(columns) != 1:
        return ""
    if name in columns[0].split(","):
        return (
            "quotes stand around the whole line; take them out of every line (or, if there are none, correct "
            "`data.separator` in pipeline.yaml)"
        )
    for sign, called in (SEPARATORS | UNREAD).items():
        parts = [part.strip() for part in columns[0].split(sign)]
        if name in parts or (len(parts) > 1 and sign in SEPARATORS):
            return f"the columns are separated by {called}, and commas are read: save it with commas"
    return ""


def where_the_header_is(columns: Sequence[str], target: str, below: Iterable[Sequence[str]]) -> str:
    """What the first line is instead, and what to do; "" for what may be a header. below: the rows that follow it."""
    said, row = _not_a_header(columns), _row_of(target, below)
    if row is None:
        return said
    return f"{said if said.endswith(ABOVE) else f'the first line is no header; {ABOVE}'} in row {row}"


def _row_of(target: str, rows: Iterable[Sequence[str]]) -> int | None:
    """The first of the next rows that names the target; rows count from 1, the first line's."""
    for number, fields in enumerate(islice(rows, LOOKED_AT), start=2):
        cells = fields if len(fields) > 1 else BETWEEN.split("".join(fields))
        if target in (column_name(cell).strip('"') for cell in cells):
            return number
    return None


def _not_a_header(columns: Sequence[str]) -> str:
    """What the first line is instead, and what to do; "" for what may be a header."""
    if any("\0" in column for column in columns):
        return (
            "there are NUL bytes in it, as unfinished downloads and full disks leave them; upload the file again, or "
            "save it as UTF-8 text"
        )
    named = [column for column in columns if not is_nameless(column)]
    if columns[0].startswith(("#", "//", "%", "@")):
        return f"the first line is a comment; {ABOVE}"
    if len(named) < 2 < len(columns):
        return f"the first line looks like a title; {ABOVE}"
    if any(_VALUE.fullmatch(column) for column in named):
        return "the first line holds values; write a header above it, with a name for every column"
    return ""


def _check_names(name: str, columns: Sequence[str]) -> None:
    for number, column in enumerate(columns, start=1):
        fault = _fault(column)
        if fault:
            raise InvalidDatasetError(
                f"{name}: row 1: a column name is {fault} (column {number}); write another"
            )
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        raise InvalidDatasetError(
            f"{name}: row 1: a column name occurs twice: '{twice[0]}'; give every column its own name"
        )


def _fault(column: str) -> str:
    if len(column) > MAX_COLUMN_NAME:
        return f"over {MAX_COLUMN_NAME} characters: shorten it"
    return "" if column.isprintable() else "unprintable: there is a control character in it"
