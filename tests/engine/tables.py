"""Tables written by what people write them with."""

from pathlib import Path

import duckdb


def parquet(path: Path, query: str, options: str = "") -> bytes:
    """A Parquet file of what the query answers."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet {options})")
    return path.read_bytes()
