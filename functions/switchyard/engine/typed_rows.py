"""Rows by the kinds of their columns, a block at a time, by DuckDB; `typed_queries` has the queries."""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import IO, Any

import duckdb

from switchyard.core.data.csv_block import Block
from switchyard.core.data.packed_rows import PackedRows
from switchyard.core.data.row_layout import Shape
from switchyard.engine.arrow import Batch, StreamError, batches
from switchyard.engine.bounded_connection import confined
from switchyard.engine.typed_queries import FILE, numbers_of, packed_query, signs_of, values_query

ROWS = 2048  # at once: a vector of DuckDB's
ODD, TARGET, FEATURES, WORDS, NUMBERS = range(5)  # columns of packed_query; the last and those behind it


class TypedRows:
    """Fulfils ports.TypedRows. Each block lies in one file while it is read.

    Rows come up to the first that DuckDB refuses, in whichever way: the caller sees that some are left.
    """

    def __init__(self, shape: Shape, connection: duckdb.DuckDBPyConnection, file: IO[bytes]) -> None:
        self._shape, self._connection, self._file = shape, connection, file

    def values(self, block: Block, wanted: Sequence[int]) -> Iterator[list[tuple[Any, ...]]]:
        query = self._put(block, values_query(self._shape, wanted, signs_of(block)))
        try:
            rows = self._connection.execute(query)
            while found := rows.fetchmany(ROWS):
                yield found
        except duckdb.Error:
            return

    def packed(self, block: Block) -> Iterator[PackedRows]:
        query = self._put(block, packed_query(self._shape, signs_of(block)))
        try:
            for batch in batches(self._connection.sql(query)):
                yield self._packed(batch)
        except (duckdb.Error, StreamError):
            return

    def _put(self, block: Block, query: str) -> str:
        """Answers the query of the file that the block is in now."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(block.body)
        self._file.flush()
        return query.replace(FILE, self._file.name.replace("'", "''"))

    def _packed(self, batch: Batch) -> PackedRows:
        columns = len(numbers_of(self._shape))
        numbers = array("I", bytes(4 * columns * batch.rows))
        for column in range(columns):
            numbers[column::columns] = array("I", batch.floats(NUMBERS + column))
        odd = [text.decode().split("\0") if text else None for text in batch.texts(ODD)]  # nearly all None
        targets, features, words = (batch.texts(column) for column in (TARGET, FEATURES, WORDS))
        return PackedRows(odd, targets, features, words, numbers.tobytes(), 4 * columns)


@contextmanager
def typed_rows(shape: Shape) -> Iterator[TypedRows]:
    with NamedTemporaryFile(suffix=".csv") as file, confined(file.name) as connection:
        yield TypedRows(shape, connection, file)
