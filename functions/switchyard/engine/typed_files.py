"""A file of a channel in another form than CSV, its columns typed, by DuckDB: Parquet or JSON Lines."""

from collections.abc import Sequence

from switchyard.core.data.contract import Kind
from switchyard.engine.bounded_connection import confined, literal

_TYPES = {Kind.NUMBER: "DOUBLE", Kind.BOOLEAN: "BOOLEAN", Kind.DATE: "TIMESTAMP"}  # others are texts
_FORMS = {"parquet": "FORMAT parquet, COMPRESSION zstd", "jsonl": "FORMAT json"}
_ROWS = (
    "read_csv({path}, header = false, auto_detect = false, delim = ',', quote = '\"', max_line_size = 16777216, "
    "columns = {{{columns}}})"
)


def write_typed(source: str, target: str, columns: Sequence[tuple[str, Kind]], form: str) -> None:
    """source: a channel's CSV without a header, by the contract that it was written by. Missing values are null."""
    names = [f"c{number}" for number in range(len(columns))]
    texts = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    fields = ", ".join(
        f"{_field(name, kind)} AS {_quoted(column)}"
        for name, (column, kind) in zip(names, columns, strict=True)
    )
    rows = _ROWS.format(path=literal(source), columns=texts)
    with confined(source, target) as connection:
        connection.execute(f"COPY (SELECT {fields} FROM {rows}) TO {literal(target)} ({_FORMS[form]})")  # noqa: S608 - names are quoted


def _field(name: str, kind: Kind) -> str:
    known = f"nullif({name}, '')"
    return f"CAST({known} AS {_TYPES[kind]})" if kind in _TYPES else known


def _quoted(column: str) -> str:
    doubled = column.replace('"', '""')
    return f'"{doubled}"'
