"""Parquet as lines of CSV, by DuckDB. The file is read a group of rows at a time."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import duckdb

from switchyard.core.data.csv_line import csv_line
from switchyard.core.data.size_limits import refuse_large, refuse_wide
from switchyard.core.errors import InvalidDatasetError
from switchyard.engine.bounded_connection import confined
from switchyard.engine.side_by_side import side_by_side

ROWS = 64  # at once: a row may have megabytes of text
MOST_AT_ONCE = 64 * 1024**2  # bytes of columns: of each, a group of rows is in memory, twice
OVERHEAD = 128 * 1024  # bytes of a column besides

_PLAIN = "CAST({0} AS VARCHAR)"
_TEXT = "{0}"  # as it stands: a vector of long texts that SQL has quoted is as many copies of them
_TO_QUOTE = re.compile('[",\r\n]')
QUOTE, EMPTY = '"', '""'
# Without a zone: UTC, as Parquet's writers mean it.
_INSTANT = "replace(CAST({0} AS VARCHAR), ' ', 'T') || 'Z'"
_ZONED = _INSTANT.format("({0} AT TIME ZONE 'UTC')")
_NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
    "FLOAT", "DOUBLE", "DECIMAL",
)  # fmt: skip
_FRACTIONS = ("FLOAT", "DOUBLE", "DECIMAL")
_BY_COMMA = """'"' || replace(CAST({0} AS VARCHAR), '.', ',') || '"'"""
# How a column of each of DuckDB's types is written.
_WRITTEN = dict.fromkeys((*_NUMBERS, "BOOLEAN", "DATE", "TIME", "UUID"), _PLAIN) | {
    '"NULL"': "''",
    "VARCHAR": _TEXT,
    "TIMESTAMP": _INSTANT,
    "TIMESTAMP_S": _INSTANT,
    "TIMESTAMP_MS": _INSTANT,
    "TIMESTAMP_NS": _INSTANT,
    "TIMESTAMP WITH TIME ZONE": _ZONED,
}
_REFUSED = {
    "BLOB": "binary; write it as text, or leave it out",
    "BIT": "binary; write it as text, or leave it out",
    "TIME WITH TIME ZONE": "a time of day; write it as a number, of hours say",
    "INTERVAL": "a span of time; write it as a number, of seconds say",
}
_NESTED = "nested; write a column for each of its values, or leave it out"


def parquet_lines(name: str, path: str, mark: str = ".") -> Iterator[str]:
    """The header, then a line a row. Booleans are true and false, instants ISO 8601 in UTC, missing values empty.

    mark: of decimals.
    """
    with confined(path) as connection:
        try:
            yield from _lines(name, path, connection, mark)
        except duckdb.Error as error:
            raise InvalidDatasetError(f"{name}: {_words(error)}") from None


def _lines(name: str, path: str, connection: duckdb.DuckDBPyConnection, mark: str) -> Iterator[str]:
    columns = _columns(path, connection)
    refuse_wide(name, len(columns))  # before anything that looks into each of them
    _refuse_large(name, path, len(columns), connection)
    described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()
    patterns = [
        _pattern(name, number, column, str(row[1]), mark)
        for number, (column, row) in enumerate(zip(columns, described, strict=True), start=1)
    ]
    _refuse_long_texts(name, path, patterns, connection)
    yield csv_line(columns)
    groups = [_texts(path, patterns, group, connection) for group in _groups(path, len(columns), connection)]
    texts = groups[0] if len(groups) == 1 else side_by_side(groups)
    yield from (f"{text or EMPTY}\n" for text in texts)  # a line without a sign would be no row


def _groups(path: str, width: int, connection: duckdb.DuckDBPyConnection) -> list[range]:
    """Columns that are read at once: so many that their largest pieces fit in memory together, and at least one."""
    query = "SELECT column_id, max(total_uncompressed_size) FROM parquet_metadata(?) GROUP BY column_id"
    sizes = dict(connection.execute(query, [path]).fetchall())  # nothing of a file without rows
    groups, first, total = [], 0, 0
    for at in range(width):
        size = int(sizes.get(at) or 0) + OVERHEAD
        if total + size > MOST_AT_ONCE and at > first:
            groups.append(range(first, at))
            first, total = at, 0
        total += size
    return [*groups, range(first, width)]


def _texts(
    path: str, patterns: Sequence[str], group: range, connection: duckdb.DuckDBPyConnection
) -> Iterator[str]:
    """Of each row the fields of some columns, as they are in a line."""
    pieces = _pieces(patterns, group)
    are_texts = [pattern is _TEXT for _, pattern in pieces]
    rows = connection.execute(_query(len(patterns), [piece for piece, _ in pieces]), [path])
    while found := rows.fetchmany(ROWS):
        yield from (_text(row, are_texts) for row in found)


def _text(pieces: Sequence[str], are_texts: Sequence[bool]) -> str:
    return ",".join(
        _quoted(each) if is_text else each for each, is_text in zip(pieces, are_texts, strict=True)
    )


def _quoted(text: str) -> str:
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if _TO_QUOTE.search(text) else text


def _refuse_large(name: str, path: str, width: int, connection: duckdb.DuckDBPyConnection) -> None:
    """By what the file says of itself: bytes of its pages when they are unpacked, and a sign and a comma a field."""
    query = """
        SELECT (SELECT coalesce(sum(total_uncompressed_size), 0) FROM parquet_metadata($file)),
               (SELECT coalesce(sum(num_rows), 0) FROM parquet_file_metadata($file))"""
    [(unpacked, rows)] = connection.execute(query, {"file": path}).fetchall()
    refuse_large(name, max(int(unpacked), 2 * width * int(rows)), Path(path).stat().st_size)


def _refuse_long_texts(
    name: str, path: str, patterns: Sequence[str], connection: duckdb.DuckDBPyConnection
) -> None:
    """A text that stands in every row is in the file once."""
    texts = [f"coalesce(sum(strlen(c{at})), 0)" for at, pattern in enumerate(patterns) if pattern is _TEXT]
    if texts:
        [(size,)] = connection.execute(_query(len(patterns), [" + ".join(texts)]), [path]).fetchall()
        refuse_large(name, int(size), Path(path).stat().st_size)


def _columns(path: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The names at the top, as they stand in the file: DuckDB itself renames what occurs twice."""
    query = "SELECT name, coalesce(num_children, 0) FROM parquet_schema(?)"
    names, inside = [], 0
    for name, children in connection.execute(query, [path]).fetchall()[1:]:
        if inside:
            inside -= 1
        else:
            names.append(str(name))
        inside += children
    return names


def _pattern(name: str, number: int, column: str, kind: str, mark: str) -> str:
    """The SQL of a column's fields; InvalidDatasetError for one that is no column of a table."""
    pattern = _WRITTEN.get(kind.partition("(")[0])
    if pattern is None or kind.endswith("]"):
        what = _REFUSED.get(kind, _NESTED)
        raise InvalidDatasetError(f"{name}: column {number}, '{column[:64]}', is {what}")
    return _BY_COMMA if mark == "," and kind.partition("(")[0] in _FRACTIONS else pattern


def _pieces(patterns: Sequence[str], group: range) -> list[tuple[str, str]]:
    """Pieces of a line as SQL, each with the pattern of its first column: a text is one by itself, and what stands
    between two texts is one together.
    """
    fields = [(f"coalesce({patterns[at].format(f'c{at}')}, '')", patterns[at]) for at in group]
    found: list[tuple[str, str]] = []
    for is_text, run in groupby(fields, key=lambda each: each[1] is _TEXT):
        together = list(run)
        joined = ", ".join(field for field, _ in together)
        found += together if is_text else [(f"concat_ws(',', {joined})", together[0][1])]
    return found


def _query(width: int, pieces: Sequence[str]) -> str:
    names = ", ".join(f"c{number}" for number in range(width))
    return f"SELECT {', '.join(pieces)} FROM read_parquet(?) AS t({names})"  # noqa: S608 - no name of the file's


def _words(error: duckdb.Error) -> str:
    """What was found and what to do, in nobody's class names."""
    said = str(error).lower()
    if isinstance(error, duckdb.OutOfMemoryException):
        return "a group of its rows is too large to be read at once; write it with smaller row groups"
    if "encrypt" in said:
        return "the Parquet file is encrypted; write it without encryption"
    if "string encoding" in said or "utf8" in said:
        return "a text in the Parquet file is not UTF-8; write it as UTF-8"
    if (
        isinstance(error, duckdb.NotImplementedException) or "only supported for" in said
    ):  # an encoding of other types
        return "the Parquet file is packed in a way that is not read; write it with Snappy, gzip or zstd"
    return "the Parquet file is damaged, or cut off; write it again, then upload it"
