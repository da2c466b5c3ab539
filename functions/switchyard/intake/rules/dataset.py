"""What a dataset is: complete or nothing, identified by its content, and readable row by row."""

import csv
import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from switchyard.core.errors import AbsentColumnError, InvalidDatasetError

SUCCESS_MARKER = "_SUCCESS"
MANIFEST = "manifest.json"
CLOSING_MARKERS = (SUCCESS_MARKER, MANIFEST)
MAX_COLUMN_NAME = 128
MISSING_VALUES = ("", "nan")


@dataclass(frozen=True)
class Drop:
    """One object that arrived under `<model>/train/`."""

    model: str
    source: str  # "<model>/train/<version>/" for a folder, the whole key for a single object
    is_folder: bool


@dataclass(frozen=True)
class DataFile:
    """One file of a dataset; size in bytes, rows without the header."""

    name: str
    size: int
    sha256: str
    rows: int


def parse_drop(key: str, under: str = "train") -> Drop | None:
    """`<model>/train/<file>` is a dataset by itself; `<model>/train/<version>/<file...>` is part of a folder."""
    parts = key.split("/")
    if len(parts) < 3 or parts[1] != under or not parts[2]:
        return None
    if len(parts) == 3:
        return Drop(parts[0], key, is_folder=False)
    return Drop(parts[0], "/".join(parts[:3]) + "/", is_folder=True)


def digest_of(files: Iterable[DataFile]) -> str:
    """The dataset's identity: sha256 over the sorted sha256 of its files, whatever they are called."""
    contents = sorted(file.sha256 for file in files)
    return hashlib.sha256("\n".join(contents).encode()).hexdigest()


def row_hash(fields: Sequence[str]) -> str:
    """Identity of one row's values, for keeping holdout rows out of training and for splitting."""
    return hashlib.sha256("\x1f".join(fields).encode()).hexdigest()


@dataclass(frozen=True)
class Table:
    """A CSV file's header and its checked rows (lazily: a row is read, checked and forgotten)."""

    columns: tuple[str, ...]
    rows: Iterator[list[str]]


def read_table(name: str, lines: Iterable[str], target: str) -> Table:
    """Reads a CSV with a header; every defect is an InvalidDatasetError that names file, row and column.

    Fields are numbers; an empty field or `nan` is a missing value; the target must be a finite number in every row.
    """
    reader = csv.reader(lines, strict=True)
    columns = _header(name, reader, target)
    return Table(columns, _checked(name, reader, columns, columns.index(target)))


def read_features(
    name: str, lines: Iterable[str], features: Sequence[str], beside: Sequence[str] = ()
) -> Iterator[list[str]]:
    """The feature columns of a CSV with a header, in the given order; other columns are left out, row by row.

    Every defect is an InvalidDatasetError that names file, row and column; an empty field is a missing value. The
    columns `beside` follow as they stand; AbsentColumnError, before the first row, where there is no such column.
    """
    reader = csv.reader(lines, strict=True)
    try:
        columns = [column.strip() for column in next(reader, [])]
        missing = [feature for feature in features if feature not in columns]
        if missing:
            raise InvalidDatasetError(
                f"{name}: row 1: {len(missing)} of the {len(features)} columns that the model was trained on are "
                f"missing, the first is '{missing[0][:64]}'; add them, or score with a model that does not need them"
            )
        absent = [column for column in beside if column not in columns]
        if absent:
            raise AbsentColumnError(f"{name}: row 1: there is no column '{absent[0][:64]}'")
        wanted, number = [columns.index(feature) for feature in features], 1
        others = [columns.index(column) for column in beside]
        for number, fields in enumerate(reader, start=2):
            if fields:
                row = _feature_row(name, number, fields, columns, wanted)
                yield row + [fields[index] for index in others]
    except csv.Error as error:
        raise InvalidDatasetError(f"{name}: row {reader.line_num}: not readable as CSV ({error})") from None
    if number == 1:
        raise InvalidDatasetError(f"{name}: the file has a header but no rows")


def _feature_row(
    name: str, number: int, fields: list[str], columns: Sequence[str], wanted: Sequence[int]
) -> list[str]:
    if len(fields) != len(columns):
        raise InvalidDatasetError(
            f"{name}: row {number}: {len(fields)} fields where the header has {len(columns)}; mend or remove the row"
        )
    for index in wanted:
        if fields[index].lower() not in MISSING_VALUES and not _is_finite(fields[index]):
            raise InvalidDatasetError(f"{name}: row {number}, column '{columns[index]}': not a finite number")
    return [fields[index] for index in wanted]


def _header(name: str, reader: Iterator[list[str]], target: str) -> tuple[str, ...]:
    try:
        columns = tuple(column.strip() for column in next(reader))
    except StopIteration:
        raise InvalidDatasetError(
            f"{name}: the file is empty; a header line and rows were expected"
        ) from None
    except csv.Error as error:
        raise InvalidDatasetError(f"{name}: row 1: not readable as CSV ({error})") from None
    if target not in columns:
        raise InvalidDatasetError(
            f"{name}: row 1: the target column '{target}' is missing; found {', '.join(columns[:8])[:200]}; "
            f"add the column, or name the right one as `target` in pipeline.yaml"
        )
    if len(set(columns)) != len(columns):
        raise InvalidDatasetError(
            f"{name}: row 1: a column name occurs twice; give every column its own name"
        )
    bad = [c for c in columns if not c or len(c) > MAX_COLUMN_NAME or not c.isprintable()]
    if bad:
        raise InvalidDatasetError(f"{name}: row 1: a column name is empty, unprintable or over 128 signs")
    if len(columns) < 2:
        raise InvalidDatasetError(f"{name}: row 1: there is no feature column beside the target")
    return columns


def _checked(
    name: str, reader: Iterator[list[str]], columns: tuple[str, ...], target: int
) -> Iterator[list[str]]:
    number = 1
    try:
        for number, fields in enumerate(reader, start=2):
            if fields:
                yield _row(name, number, fields, columns, target)
    except csv.Error as error:
        raise InvalidDatasetError(f"{name}: row {number + 1}: not readable as CSV ({error})") from None
    if number == 1:
        raise InvalidDatasetError(f"{name}: the file has a header but no rows")


def _row(name: str, number: int, fields: list[str], columns: tuple[str, ...], target: int) -> list[str]:
    if len(fields) != len(columns):
        raise InvalidDatasetError(
            f"{name}: row {number}: {len(fields)} fields where the header has {len(columns)}; mend or remove the row"
        )
    for index, field in enumerate(fields):
        if index != target and field.lower() in MISSING_VALUES:
            continue
        if not _is_finite(field):
            what = (
                "the target is missing or not a finite number" if index == target else "not a finite number"
            )
            raise InvalidDatasetError(f"{name}: row {number}, column '{columns[index]}': {what}")
    return fields


def _is_finite(field: str) -> bool:
    try:
        return math.isfinite(float(field))
    except ValueError:
        return False
