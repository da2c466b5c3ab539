"""A CSV file row by row: read, checked and forgotten. Every defect is named by file, row and column, with its remedy.

Values never appear in what is said of them: they may be personal data.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isnan

from switchyard.core.data.numbers import fault, is_missing, plain_row, read_numbers
from switchyard.core.errors import AbsentColumnError, InvalidDatasetError
from switchyard.intake.rules.header import absent, checked_columns, stripped

# What the csv module says, in words that help.
_CSV_FAULTS = {
    "new-line character": "its lines end with CR alone; save it with LF or CRLF",
    "unexpected end of data": "a quote is opened and never closed",
    "expected after": "text follows a closing quote; write a quote within a field twice",
    "field larger than": "a field has over 131072 signs",
    "NUL": "there is a NUL byte in it; save it as UTF-8 text",
}


@dataclass(frozen=True)
class Table:
    """A CSV file's header, and the numbers of its rows, NaN where one is missing."""

    columns: tuple[str, ...]
    rows: Iterator[list[float]]


def read_table(name: str, lines: Iterable[str], target: str) -> Table:
    """Reads a CSV with a header; an InvalidDatasetError names file, row and column of the first defect.

    Fields are numbers by core.data.numbers; the target is one in every row. A file without rows is no defect: tools
    that write in parts write such parts.
    """
    reader = csv.reader(lines, strict=True)
    columns = checked_columns(name, _header(name, reader), target)
    return Table(columns, _rows(name, reader, columns, columns.index(target)))


def read_features(
    name: str, lines: Iterable[str], features: Sequence[str], beside: Sequence[str] = ()
) -> Iterator[list[str]]:
    """The feature columns of a CSV with a header, in the given order; other columns are left out, row by row.

    The columns `beside` follow as they stand; AbsentColumnError, before the first row, where there is no such column.
    """
    reader = csv.reader(lines, strict=True)
    columns = stripped(name, _header(name, reader))
    _check_presence(name, columns, features, beside)
    wanted, others = [columns.index(each) for each in features], [columns.index(each) for each in beside]
    number = 0
    for number, fields in _records(name, reader, len(columns)):
        row = [fields[index] for index in wanted]
        values = read_numbers(row)
        if isinstance(values, int):
            raise _faulty(name, number, features[values], wanted[values], row[values])
        yield plain_row(row) + [fields[index] for index in others]
    if not number:
        raise InvalidDatasetError(f"{name}: the file has a header but no rows")


def _check_presence(
    name: str, columns: Sequence[str], features: Sequence[str], beside: Sequence[str]
) -> None:
    missing = [feature for feature in features if feature not in columns]
    if missing:
        raise InvalidDatasetError(
            f"{name}: row 1: {len(missing)} of the {len(features)} columns that the model was trained on are "
            f"missing, the first is '{missing[0][:64]}'; {absent(columns, missing[0])} "
            f"add them, or score with a model that does not need them".replace("  ", " ")
        )
    lacking = [column for column in beside if column not in columns]
    if lacking:
        raise AbsentColumnError(f"{name}: row 1: there is no column '{lacking[0][:64]}'")


def _header(name: str, reader: Iterator[list[str]]) -> list[str]:
    try:
        return next(reader)
    except StopIteration:
        raise InvalidDatasetError(
            f"{name}: the file is empty; a header line and rows were expected"
        ) from None
    except csv.Error as error:
        raise _unreadable(name, 1, error) from None


def _records(name: str, reader: Iterator[list[str]], width: int) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number, counted as a spreadsheet does; empty lines are passed over."""
    number = 1
    try:
        for number, fields in enumerate(reader, start=2):
            if fields:
                if len(fields) != width:
                    raise _ragged(name, number, len(fields), width)
                yield number, fields
    except csv.Error as error:
        raise _unreadable(name, number + 1, error) from None


def _rows(
    name: str, reader: Iterator[list[str]], columns: Sequence[str], target: int
) -> Iterator[list[float]]:
    for number, fields in _records(name, reader, len(columns)):
        values = read_numbers(fields)
        if isinstance(values, int):
            raise _faulty(name, number, columns[values], values, fields[values], is_target=values == target)
        if isnan(values[target]):
            raise _faulty(name, number, columns[target], target, fields[target], is_target=True)
        yield values


def _faulty(
    name: str, number: int, column: str, position: int, text: str, *, is_target: bool = False
) -> InvalidDatasetError:
    said = fault(text)
    if is_target and is_missing(text):
        said = "the target is missing; remove the row, or write what was true"
    elif is_target:
        said = f"the target is {said}"
    return InvalidDatasetError(
        f"{name}: row {number}, column '{column[:64]}': {said} (column {position + 1})"
    )


def _ragged(name: str, number: int, found: int, width: int) -> InvalidDatasetError:
    return InvalidDatasetError(
        f"{name}: row {number}: {found} fields where the header has {width}; mend or remove the row"
    )


def _unreadable(name: str, number: int, error: csv.Error) -> InvalidDatasetError:
    said = [words for sign, words in _CSV_FAULTS.items() if sign in str(error)]
    return InvalidDatasetError(
        f"{name}: row {number}: not readable as CSV: {said[0] if said else 'mend the row'}"
    )
