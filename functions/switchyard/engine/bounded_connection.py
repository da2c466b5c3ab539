"""DuckDB within bounds: so much memory, one file and nothing else: no other path, no network, no extension."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

MEMORY = "512MB"
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": MEMORY,
    "threads": "1",  # rows come in order, and a second thread costs a third more CPU than it saves
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


@contextmanager
def confined(*paths: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that can read and write the files at `paths`."""
    with duckdb.connect(":memory:", config=SETTINGS) as connection:
        connection.execute("SET enable_progress_bar = false")  # it is printed
        # a join for a short list of words costs more than to compare
        connection.execute("SET disabled_optimizers = 'in_clause'")
        connection.execute(f"SET allowed_paths = [{', '.join(map(literal, paths))}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


def literal(text: str) -> str:
    """The text in a query, with its quotes."""
    return "'" + text.replace("'", "''") + "'"
