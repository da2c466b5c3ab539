"""A file of labels and of two models' scores, reduced to sums that merge: CSV, also gzipped, or Parquet.

Columns: `label`, `challenger` and, where there was one, `champion`; with more than two classes a probability a class,
`challenger_0`, `challenger_1`, ..., and labels are their indexes. Others are passed over. DuckDB reads the file as a
stream, once; memory is that of a million rows.
"""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import duckdb
import numpy as np
from isal.igzip_lib import IsalError

from cli.scores.columns import Numbers, Scored
from cli.scores.paired_columns import sums_of
from cli.scores.score_faults import missing, refuse_form, repeated, unreadable
from cli.scores.unpacked import opened, unpacked
from switchyard.core.data.normalized_text import column_name
from switchyard.core.errors import InvalidDatasetError
from switchyard.engine.arrow import Batch, StreamError, batches
from switchyard.engine.bounded_connection import confined
from switchyard.stats.paired import NOTHING_MORE, PairedSums, Wanted
from switchyard.stats.residuals import CHALLENGER, CHAMPION

ROWS = 1_000_000
KEPT = 16 * 1024**2  # bytes
CSV_BUFFER = 8 * 1024**2  # bytes, four of the longest lines; DuckDB's 32 MB are a tenth slower
FIRST_ROW = 2  # as in a table, whose header is row 1
GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
_NAMES = {CHAMPION: "champion", CHALLENGER: "challenger"}
LABEL = "label"


def score_sums(
    path: Path, problem: str, wanted: Wanted = NOTHING_MORE, rows: int = ROWS
) -> Iterator[PairedSums]:
    """Sums of so many rows at most, in order. ValueError for what cannot be scored; InvalidDatasetError for another
    table.
    """
    names: list[str] = []
    _keep_what_is_freed()
    with _refusing(path, names), _opened(path) as file, confined(str(file)) as connection:
        names += _names(path)
        sizes = sizes_of(path.name, names, problem)
        table = _parquet(file, names) if _is_parquet(path) else _csv(file, names)
        first = FIRST_ROW
        for batch in batches(connection.sql(_source(names, sizes, table))):
            scored = _scored(batch, sizes)
            if problem == "multiclass":
                _refuse_unknown(path.name, scored.label, max(sizes.values()), first)
            for start in range(0, batch.rows, rows):
                yield sums_of(problem, scored.part(start, start + rows), wanted, first + start)
            first += batch.rows
    if first == FIRST_ROW:
        raise InvalidDatasetError(f"{path.name}: there is no row below the header; nothing can be judged")


def _refuse_unknown(file: str, labels: Numbers, classes: int, first: int) -> None:
    """A label that no model has a column for, as where they are counted from 1; first: the row of the first."""
    beyond = np.flatnonzero(np.isfinite(labels) & (labels >= classes))
    if len(beyond):
        raise InvalidDatasetError(
            f"{file}: row {first + int(beyond[0])}: the label is {labels[beyond[0]]:g}, and there are columns for "
            f"classes 0 to {classes - 1} alone; labels are indexes from 0 on"
        )


def _keep_what_is_freed() -> None:
    """glibc hands memory back at once, and each slice's columns would take a third of all CPU to come by again. Where a
    large block was freed, it keeps up to twice as much (mallopt(3), M_MMAP_THRESHOLD); no page of this one is touched.
    """
    np.empty(KEPT, np.uint8)


def classes_of(path: Path, problem: str) -> int:
    """How many classes the challenger knows; 0 of numbers."""
    with _refusing(path, []):
        if problem == "multiclass":
            return sizes_of(path.name, _names(path), problem)[CHALLENGER]
    return 2 if problem == "binary" else 0


@contextmanager
def _refusing(path: Path, names: Sequence[str]) -> Iterator[None]:
    """names: of the columns, as soon as they are known."""
    try:
        yield
    except (  # type: ignore[misc]  # no stub says of IsalError that it is one
        duckdb.Error, StreamError, EOFError, gzip.BadGzipFile, IsalError, UnicodeDecodeError, csv.Error
    ) as error:  # fmt: skip
        raise unreadable(path.name, names, error) from None


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == PARQUET


def _names(path: Path) -> list[str]:
    if _is_parquet(path):
        with confined(str(path)) as connection:
            described = connection.execute(f"DESCRIBE SELECT * FROM '{_quoted(str(path))}'")  # noqa: S608 - quoted
            return [str(row[0]) for row in described.fetchall()]
    with opened(path) if _is_gzip(path) else path.open("rb") as text:
        head = text.readline()
        refuse_form(path.name, head)
        header = next(csv.reader([head.decode("utf-8-sig")], skipinitialspace=True), [])
        return list(map(column_name, header))


def _opened(path: Path) -> AbstractContextManager[Path]:
    """What DuckDB reads: its own reader of gzip takes a file that is cut off for a whole one."""
    return unpacked(path) if _is_gzip(path) else nullcontext(path)


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == GZIP


def _csv(path: Path, names: Sequence[str]) -> str:
    """The fields as f0, f1, ...; a name is whatever the file says."""
    columns = {f"f{at}": "DOUBLE" if _is_read(name) else "VARCHAR" for at, name in enumerate(names)}
    form = (
        """header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', compression = 'none'"""
    )
    return f"read_csv('{_quoted(str(path))}', columns = {columns}, {form}, buffer_size = {CSV_BUFFER})"


def _parquet(path: Path, names: Sequence[str]) -> str:
    fields = [f"{_named(name)}::DOUBLE AS f{at}" for at, name in enumerate(names) if _is_read(name)]
    return f"(SELECT {', '.join(fields)} FROM read_parquet('{_quoted(str(path))}'))"  # noqa: S608 - quoted


def _source(names: Sequence[str], sizes: Mapping[str, int], table: str) -> str:
    """The label, then each model's columns."""
    read = ", ".join(f"f{names.index(name)}" for name in _wanted(sizes))
    return f"SELECT {read} FROM {table}"  # noqa: S608 - by number


def _wanted(sizes: Mapping[str, int]) -> list[str]:
    return [LABEL, *(name for model, size in sizes.items() for name in _columns(model, size))]


def _columns(model: str, size: int) -> list[str]:
    return [_NAMES[model]] if size == 1 else [f"{_NAMES[model]}_{at}" for at in range(size)]


def _scored(batch: Batch, sizes: Mapping[str, int]) -> Scored:
    label, *rest = (_numbers(batch, at) for at in range(1 + sum(sizes.values())))
    said, at = {}, 0
    for model, size in sizes.items():
        said[model], at = rest[at : at + size], at + size
    return Scored(label, said)


def _numbers(batch: Batch, column: int) -> Numbers:
    """What is missing is no number."""
    values, known = batch.doubles(column)
    found: Numbers = np.frombuffer(values, np.float64)
    if known is None:
        return found
    bits = np.unpackbits(np.frombuffer(known, np.uint8), count=batch.rows, bitorder="little")
    return np.where(bits == 1, found, np.nan)


def sizes_of(file: str, names: Sequence[str], problem: str) -> dict[str, int]:
    """How many columns each model has; InvalidDatasetError where one that is needed is not there."""
    found = {}
    for model, title in _NAMES.items():
        single = int(title in names)
        classes = [
            name for name in names if name.startswith(f"{title}_") and name[len(title) + 1 :].isdigit()
        ]
        gap = any(f"{title}_{at}" not in names for at in range(len(classes)))
        found[model] = 0 if gap else len(classes) if problem == "multiclass" else single
    needed = f"{LABEL}, challenger{'_0, challenger_1, ...' if problem == 'multiclass' else ''}"
    if not found[CHALLENGER] or LABEL not in names or (problem == "multiclass" and 1 in found.values()):
        raise missing(file, needed, names)
    sizes = {model: size for model, size in found.items() if size}
    repeated(file, names, _wanted(sizes))
    return sizes


def _is_read(name: str) -> bool:
    return name.partition("_")[0] in {LABEL, *_NAMES.values()}


def _named(column: str) -> str:
    """A column's name as SQL quotes it, whatever the file calls it."""
    return '"' + column.replace('"', '""') + '"'


def _quoted(path: str) -> str:
    return path.replace("'", "''")
