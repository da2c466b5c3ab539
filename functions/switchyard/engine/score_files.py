"""A file of labels and of two models' scores, reduced to sums that merge: CSV, also gzipped, or Parquet.

Columns: `label`, `challenger` and, where there was one, `champion`; with more than two classes a probability a class,
`challenger_0`, `challenger_1`, ..., and labels are their indexes. Others are passed over. Memory is that of one block.
"""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import duckdb

from switchyard.core.errors import InvalidDatasetError
from switchyard.engine.confined import confined
from switchyard.engine.paired_queries import probabilities
from switchyard.engine.paired_sums import PairedQueries
from switchyard.stats.paired import NOTHING_MORE, PairedSums, Wanted
from switchyard.stats.residuals import CHALLENGER, CHAMPION

BLOCK = 16 * 1024**2  # bytes of CSV
ROWS = 1_000_000  # of Parquet
GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
_NAMES = {CHAMPION: "champion", CHALLENGER: "challenger"}
LABEL = "label"


def score_sums(
    path: Path, problem: str, wanted: Wanted = NOTHING_MORE, block: int = BLOCK
) -> Iterator[PairedSums]:
    """Sums of each block, in order. ValueError for what cannot be scored; InvalidDatasetError for another table."""
    with _refusing(path):
        read = _parquet if _is_parquet(path) else _csv
        yield from read(path, problem, wanted, block)


def classes_of(path: Path, problem: str) -> int:
    """How many classes the challenger knows; 0 of numbers."""
    with _refusing(path):
        if problem == "multiclass":
            return sizes_of(path.name, _names(path), problem)[CHALLENGER]
    return 2 if problem == "binary" else 0


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except (duckdb.Error, EOFError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        said = str(error).splitlines()[0]
        raise InvalidDatasetError(f"{path.name}: it cannot be read as numbers in columns: {said}") from None


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == PARQUET


def _names(path: Path) -> list[str]:
    if _is_parquet(path):
        with confined(str(path)) as connection:
            described = connection.execute(f"DESCRIBE SELECT * FROM '{_quoted(str(path))}'")  # noqa: S608 - quoted
            return [str(row[0]) for row in described.fetchall()]
    with _opened(path) as text:
        header = text.readline().decode("utf-8-sig").strip().split(",")
        return [name.strip().strip('"') for name in header]


def _csv(path: Path, problem: str, wanted: Wanted, block: int) -> Iterator[PairedSums]:
    names = _names(path)
    sizes = sizes_of(path.name, names, problem)
    with _opened(path) as text, NamedTemporaryFile(suffix=".csv") as file, confined(file.name) as connection:
        queries = PairedQueries(connection, problem, sizes, wanted)
        source = _source({name: f"f{at}" for at, name in enumerate(names)}, sizes, _table(file.name, names))
        text.readline()
        first = 1
        while rows := _next_block(text, block):
            file.seek(0)
            file.truncate()
            file.write(rows)
            file.flush()
            sums = queries.sums(source, first)
            first += sums.rows + sums.invalid
            yield sums


def _table(file: str, names: Sequence[str]) -> str:
    columns = {f"f{at}": "DOUBLE" if _is_read(name) else "VARCHAR" for at, name in enumerate(names)}
    form = """header = false, auto_detect = false, delim = ',', quote = '"', escape = '"'"""
    return f"read_csv('{_quoted(file)}', columns = {columns}, {form})"


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        is_packed = file.read(2) == GZIP
    return gzip.open(path) if is_packed else path.open("rb")  # type: ignore[return-value]


def _next_block(text: IO[bytes], size: int) -> bytes:
    """Whole rows; a number has no line's end in it."""
    found = text.read(size)
    return found + text.readline() if found else b""


def _parquet(path: Path, problem: str, wanted: Wanted, _block: int) -> Iterator[PairedSums]:
    names, file = _names(path), f"'{_quoted(str(path))}'"
    sizes = sizes_of(path.name, names, problem)
    own = {name: f"{_named(name)}::DOUBLE" for name in names if _is_read(name)}
    source = _source(own, sizes, f"read_parquet({file}, file_row_number = true)")
    with confined(str(path)) as connection:
        queries = PairedQueries(connection, problem, sizes, wanted)
        counted = connection.execute(f"SELECT sum(num_rows) FROM parquet_file_metadata({file})")  # noqa: S608 - quoted
        for start in range(0, int(counted.fetchall()[0][0]), ROWS):
            end = start + ROWS
            rows = f"file_row_number >= {start} AND file_row_number < {end}"
            yield queries.sums(f"{source} WHERE {rows}", start + 1)


def _source(fields: Mapping[str, str], sizes: Mapping[str, int], table: str) -> str:
    """fields: SQL of each column, by its name in the file."""
    chosen = [f"{fields[LABEL]} AS y"]
    for model, size in sizes.items():
        own = [_NAMES[model]] if size == 1 else [f"{_NAMES[model]}_{at}" for at in range(size)]
        chosen += [
            f"{fields[name]} AS {column}"
            for name, column in zip(own, probabilities(model, size), strict=True)
        ]
    return f"SELECT {', '.join(chosen)} FROM {table}"  # noqa: S608 - columns by number, or by our own names


def sizes_of(file: str, names: Sequence[str], problem: str) -> dict[str, int]:
    """How many columns each model has; InvalidDatasetError where one that is needed is not there."""
    found = {}
    for model, title in _NAMES.items():
        single = int(title in names)
        classes = [
            name for name in names if name.startswith(f"{title}_") and name[len(title) + 1 :].isdigit()
        ]
        missing = [at for at in range(len(classes)) if f"{title}_{at}" not in names]
        found[model] = 0 if missing else len(classes) if problem == "multiclass" else single
    needed = f"{LABEL}, challenger{'_0, challenger_1, ...' if problem == 'multiclass' else ''}"
    if not found[CHALLENGER] or LABEL not in names or (problem == "multiclass" and 1 in found.values()):
        told = ", ".join(name[:60] for name in names[:20])
        raise InvalidDatasetError(f"{file}: columns {needed} are needed; found: {told}. Next: name them so")
    return {model: size for model, size in found.items() if size}


def _is_read(name: str) -> bool:
    return name.partition("_")[0] in {LABEL, *_NAMES.values()}


def _named(column: str) -> str:
    """A column's name as SQL quotes it, whatever the file calls it."""
    return '"' + column.replace('"', '""') + '"'


def _quoted(path: str) -> str:
    return path.replace("'", "''")
