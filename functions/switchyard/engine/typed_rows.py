"""Rows by the kinds of their columns, a block at a time, by DuckDB; `typed_queries` has the queries."""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import IO, Any

import duckdb

from switchyard.core.data.csv_block import Block
from switchyard.core.data.identity import identities
from switchyard.core.data.packed.packed_rows import Codes, PackedRows, ReadRows, Shape, Texts, parts_of
from switchyard.engine.arrow import Batch, StreamError, batches
from switchyard.engine.bounded_connection import confined, literal
from switchyard.engine.freed_memory import keep_freed_memory
from switchyard.engine.plain_queries import is_plain, may_be_plain, plain_query
from switchyard.engine.typed_queries import FILE, numbers_of, rows_query, signs_of

# What rows_query and plain_query answer, each behind columns of its own; of the last as many as there are numbers, and
# the label's.
CODES, LINE, WORDS, NUMBERS = range(4)
ODD, PACKED = range(2)  # columns of rows_query; the second is the first of these
SIZE, NUMERAL, PLAIN = range(3)  # of plain_query
KEPT = 8  # queries; those of nearly all blocks of a table are alike


class TypedRows:
    """Fulfils ports.TypedRows. Each block lies in one file while it is read.

    A block is read as a plain one first. After one that was none, more and more blocks are read with care before it is
    tried again. With care rows come up to the first that DuckDB refuses, in whichever way: the caller sees that some
    are left.
    """

    def __init__(self, shape: Shape, connection: duckdb.DuckDBPyConnection, file: IO[bytes]) -> None:
        self._shape, self._connection, self._file = shape, connection, file
        self._pause, self._longer = 0, 1
        self._relations: dict[str, duckdb.DuckDBPyRelation] = {}

    def read(
        self, block: Block, wanted: Sequence[int] = (), codes: Codes | None = None
    ) -> Iterator[ReadRows]:
        self._put(block)
        if codes is not None and self._tries():
            plain = self._plain(block, wanted, codes)
            if plain is not None:
                self._longer = 1
                yield plain
                return
            self._pause, self._longer = self._longer, 2 * self._longer
        if block.rows is not None:
            yield from self._with_care(block, wanted, codes)

    def _tries(self) -> bool:
        self._pause -= 1
        return self._pause < 0

    def _plain(self, block: Block, wanted: Sequence[int], codes: Codes) -> ReadRows | None:
        """None for a block that is none, or may be none."""
        signs = signs_of(block.body)
        if not may_be_plain(block, self._shape, signs, codes):
            return None
        found = None
        try:
            for batch in batches(self._asked(plain_query(self._shape, wanted, signs, codes))):
                lines, words = batch.texts(PLAIN + LINE), batch.texts(PLAIN + WORDS)
                sizes = sum(array("I", batch.numbers(SIZE)))
                if found is not None or not is_plain(block, batch.rows, sizes, words.body):
                    return None
                has_numerals = b"\1" in batch.numbers(NUMERAL)
                digests = self._digests(self._numbers(batch, PLAIN), words, has_numerals=has_numerals)
                packed = PackedRows(digests, array("I", batch.numbers(PLAIN + CODES)), lines)
                found = ReadRows(batch.rows, {}, self._values(batch, self._behind(PLAIN), wanted), packed)
        except (duckdb.Error, StreamError):
            return None
        return found

    def _with_care(self, block: Block, wanted: Sequence[int], codes: Codes | None) -> Iterator[ReadRows]:
        signs = signs_of(block.body, breaks=block.has_inner_breaks)
        behind = PACKED if codes is None else self._behind(PACKED)
        try:
            for batch in batches(self._asked(rows_query(self._shape, wanted, signs, codes))):
                odd = batch.texts(ODD)
                stands = enumerate(odd.each()) if odd.body else ()  # of nearly all batches no row
                yield ReadRows(
                    batch.rows,
                    {at: text.decode().split("\0") for at, text in stands if text},
                    self._values(batch, behind, wanted),
                    None if codes is None else self._packed(batch),
                )
        except (duckdb.Error, StreamError):
            return

    def _put(self, block: Block) -> None:
        self._file.seek(0)
        self._file.write(block.body)
        self._file.truncate()  # behind it: what is written over costs less than what is new
        self._file.flush()

    def _asked(self, query: str) -> duckdb.DuckDBPyRelation:
        """The query of the file that the block is in now. A relation reads it anew each time it is asked, and to make
        one is a third of what a query's plan takes: it is kept, as blocks of a table are asked alike.
        """
        if query not in self._relations:
            if len(self._relations) == KEPT:
                self._relations.clear()
            self._relations[query] = self._connection.sql(query.replace(FILE, literal(self._file.name)))
        return self._relations[query]

    def _packed(self, batch: Batch) -> PackedRows:
        """Of an answer of rows_query."""
        digests = self._digests(self._numbers(batch, PACKED), batch.texts(PACKED + WORDS), has_numerals=True)
        return PackedRows(digests, array("I", batch.numbers(PACKED + CODES)), batch.texts(PACKED + LINE))

    def _numbers(self, batch: Batch, first: int) -> bytes:
        """Of each row those of its features and its label. first: of the columns that are packed."""
        columns = len(numbers_of(self._shape)) + 1
        numbers = array("I", bytes(4 * columns * batch.rows))
        for column in range(columns):
            numbers[column::columns] = array("I", batch.numbers(first + NUMBERS + column))
        return numbers.tobytes()

    def _digests(self, numbers: bytes, words: Texts, *, has_numerals: bool) -> bytes:
        each = parts_of(numbers, 4 * (len(numbers_of(self._shape)) + 1))
        return identities(each, words.each(), has_numerals=has_numerals)

    def _behind(self, first: int) -> int:
        """The columns that are packed."""
        return first + NUMBERS + len(numbers_of(self._shape)) + 1

    def _values(self, batch: Batch, first: int, wanted: Sequence[int]) -> list[list[Any]]:
        return [self._column(batch, first + n, at) for n, at in enumerate(wanted)]

    def _column(self, batch: Batch, column: int, at: int) -> list[Any]:
        if self._shape.kinds[at].is_numeric:
            return array("d", batch.doubles(column)[0].tobytes()).tolist()
        return [text.decode() for text in batch.texts(column).each()]


@contextmanager
def typed_rows(shape: Shape) -> Iterator[TypedRows]:
    keep_freed_memory()
    with NamedTemporaryFile(suffix=".csv") as file, confined(file.name) as connection:
        yield TypedRows(shape, connection, file)
