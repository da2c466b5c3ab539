"""Parquet as lines of CSV, by DuckDB: the one module that holds its queries.

The file is read a group of rows at a time, within MEMORY. DuckDB is given this one file and nothing else: no other
path, no network, no extension.
"""

from collections.abc import Iterator, Sequence

import duckdb

from switchyard.core.data.csv_line import csv_line
from switchyard.core.errors import InvalidDatasetError

MEMORY = "512MB"
ROWS = 2048  # at once: a vector of DuckDB's
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": MEMORY,
    "threads": "2",
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}

_PLAIN = "CAST({0} AS VARCHAR)"
_TEXT = "CASE WHEN regexp_matches({0}, '[\",\\r\\n]') THEN '\"' || replace({0}, '\"', '\"\"') || '\"' ELSE {0} END"
_INSTANT = (
    "replace(CAST({0} AS VARCHAR), ' ', 'T') || 'Z'"  # without a zone: UTC, as Parquet's writers mean it
)
_ZONED = _INSTANT.format("({0} AT TIME ZONE 'UTC')")
_NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
    "FLOAT", "DOUBLE", "DECIMAL",
)  # fmt: skip
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
    "INTERVAL": "a span of time; write it as a number, of seconds say",
}
_NESTED = "nested; write a column for each of its values, or leave it out"


def parquet_lines(name: str, path: str) -> Iterator[str]:
    """The header, then a line a row. Booleans are true and false, instants ISO 8601 in UTC, missing values empty."""
    with duckdb.connect(":memory:", config=SETTINGS) as connection:
        _confine(connection, path)
        try:
            yield from _lines(name, path, connection)
        except duckdb.Error as error:
            raise InvalidDatasetError(f"{name}: {_words(error)}") from None


def _confine(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    connection.execute("SET enable_progress_bar = false")  # it is printed
    allowed = path.replace("'", "''")
    connection.execute(f"SET allowed_paths = ['{allowed}']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _lines(name: str, path: str, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    columns = _columns(path, connection)
    yield csv_line(columns)
    described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()
    fields = [
        _written(name, number, column, str(row[1]))
        for number, (column, row) in enumerate(zip(columns, described, strict=True))
    ]
    rows = connection.execute(_query(fields), [path])
    while found := rows.fetchmany(ROWS):
        yield from (line for (line,) in found)


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


def _written(name: str, number: int, column: str, kind: str) -> str:
    """The SQL of one field; InvalidDatasetError for a column that is no column of a table."""
    pattern = _WRITTEN.get(kind.partition("(")[0])
    if pattern is None or kind.endswith("]"):
        what = _REFUSED.get(kind, _NESTED)
        raise InvalidDatasetError(f"{name}: column '{column[:64]}' is {what} (column {number + 1})")
    return pattern.format(f"c{number}")


def _query(fields: Sequence[str]) -> str:
    missing = "''" if len(fields) > 1 else "'\"\"'"  # a line without a sign is no row
    joined = ", ".join(f"coalesce({field}, {missing})" for field in fields)
    names = ", ".join(f"c{number}" for number in range(len(fields)))
    chosen = f"concat_ws(',', {joined}) || chr(10)"
    return f"SELECT {chosen} FROM read_parquet(?) AS t({names})"  # noqa: S608 - no name of the file's


def _words(error: duckdb.Error) -> str:
    """What was found and what to do, in nobody's class names."""
    said = str(error).lower()
    if isinstance(error, duckdb.OutOfMemoryException):
        return "a group of its rows is too large to be read at once; write it with smaller row groups"
    if "encrypt" in said:
        return "the Parquet file is encrypted; write it without encryption"
    if "string encoding" in said or "utf8" in said:
        return "a text in the Parquet file is not UTF-8; write it as UTF-8"
    if isinstance(error, duckdb.NotImplementedException):
        return "the Parquet file is packed in a way that is not read; write it with Snappy, gzip or zstd"
    return "the Parquet file is damaged, or cut off; write it again, then upload it"
