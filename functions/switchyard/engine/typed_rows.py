"""Rows by the kinds of their columns, a block at a time, by DuckDB; `typed_queries` has the queries."""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import IO, Any

import duckdb

from switchyard.core.data.csv_block import Block
from switchyard.core.data.identity import identities
from switchyard.core.data.packed.packed_rows import Codes, PackedRows, ReadRows, Shape
from switchyard.engine.arrow import Batch, StreamError, batches
from switchyard.engine.bounded_connection import confined, literal
from switchyard.engine.freed_memory import keep_freed_memory
from switchyard.engine.typed_queries import FILE, numbers_of, rows_query, signs_of

# Columns of rows_query where rows are packed; of the last as many as there are numbers, and the label's.
ODD, CODE, LINE, WORDS, NUMBERS = range(5)


class TypedRows:
    """Fulfils ports.TypedRows. Each block lies in one file while it is read.

    Rows come up to the first that DuckDB refuses, in whichever way: the caller sees that some are left.
    """

    def __init__(self, shape: Shape, connection: duckdb.DuckDBPyConnection, file: IO[bytes]) -> None:
        self._shape, self._connection, self._file = shape, connection, file

    def read(
        self, block: Block, wanted: Sequence[int] = (), codes: Codes | None = None
    ) -> Iterator[ReadRows]:
        query = self._put(block, rows_query(self._shape, wanted, signs_of(block), codes))
        try:
            for batch in batches(self._connection.sql(query)):
                yield self._rows(batch, wanted, is_packed=codes is not None)
        except (duckdb.Error, StreamError):
            return

    def _put(self, block: Block, query: str) -> str:
        """Answers the query of the file that the block is in now."""
        self._file.seek(0)
        self._file.write(block.body)
        self._file.truncate()  # behind it: what is written over costs less than what is new
        self._file.flush()
        return query.replace(FILE, literal(self._file.name))

    def _rows(self, batch: Batch, wanted: Sequence[int], *, is_packed: bool) -> ReadRows:
        odd = batch.texts(ODD)
        stands = enumerate(odd.each()) if odd.body else ()  # of nearly all batches no row
        first = NUMBERS + len(numbers_of(self._shape)) + 1 if is_packed else ODD + 1
        return ReadRows(
            batch.rows,
            {at: text.decode().split("\0") for at, text in stands if text},
            [self._values(batch, first + n, at) for n, at in enumerate(wanted)],
            self._packed(batch) if is_packed else None,
        )

    def _packed(self, batch: Batch) -> PackedRows:
        columns = len(numbers_of(self._shape)) + 1
        numbers = array("I", bytes(4 * columns * batch.rows))
        for column in range(columns):
            numbers[column::columns] = array("I", batch.numbers(NUMBERS + column))
        body, width = numbers.tobytes(), 4 * columns
        each = [body[at : at + width] for at in range(0, len(body), width)]
        digests = identities(each, batch.texts(WORDS).each())
        return PackedRows(digests, array("I", batch.numbers(CODE)), batch.texts(LINE))

    def _values(self, batch: Batch, column: int, at: int) -> list[Any]:
        if self._shape.kinds[at].is_numeric:
            return array("d", batch.doubles(column)[0].tobytes()).tolist()
        return [text.decode() for text in batch.texts(column).each()]


@contextmanager
def typed_rows(shape: Shape) -> Iterator[TypedRows]:
    keep_freed_memory()
    with NamedTemporaryFile(suffix=".csv") as file, confined(file.name) as connection:
        yield TypedRows(shape, connection, file)
