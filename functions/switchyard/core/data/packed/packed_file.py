"""A dataset's packed rows in one file: batches, each of rows of one of its files that follow each other.

A batch is a head of six 32-bit numbers (rows, bytes of a row's numbers, bytes of the file's name and of the three
bodies), then the name, the three columns of ends, the three bodies and the numbers; all little-endian.
"""

import hashlib
import json
import struct
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

from switchyard.core.data.contract import Feature, Kind
from switchyard.core.data.csv_line import csv_line
from switchyard.core.data.identity import packed_values
from switchyard.core.data.packed.packed_rows import PackedRow, PackedRows, Texts, packed_rows
from switchyard.core.data.rows import Value

VERSION = 1
ROWS = 2048  # of a batch of rows that were read one by one
_HEAD = struct.Struct("<6I")


def layout_name(target: Kind, features: Iterable[Feature]) -> str:
    """Names what the rows are packed by: rows of one dataset that are packed alike are in one file."""
    layout = [VERSION, target.value, [[feature.name, feature.kind.value] for feature in features]]
    return hashlib.sha256(json.dumps(layout).encode()).hexdigest()[:32]


class CutOffError(ValueError):
    """The file ends within a batch."""


def body_of(file: str, rows: PackedRows) -> Iterator[bytes]:
    """A batch in pieces."""
    name, columns = file.encode(), (rows.targets, rows.features, rows.words)
    yield _HEAD.pack(rows.rows, rows.width, len(name), *(len(column.body) for column in columns)) + name
    for column in columns:
        yield _little(column.ends).tobytes()
    for column in columns:
        yield column.body
    yield rows.numbers


def read_packed(pieces: Iterator[bytes]) -> Iterator[tuple[str, PackedRows]]:
    """Every batch with the name of its file. pieces: of the file, in any sizes; CutOffError where some are missing."""
    source = _Pieces(pieces)
    while head := source.read(_HEAD.size, may_end=True):
        rows, width, named, *sizes = _HEAD.unpack(head)
        file = source.read(named).decode()
        ends = [_ends(source.read(4 * rows)) for _ in sizes]
        targets, features, words = (Texts(e, source.read(size)) for e, size in zip(ends, sizes, strict=True))
        yield file, PackedRows(targets, features, words, source.read(rows * width), width)


def _ends(body: bytes) -> "array[int]":
    found = array("I")
    found.frombytes(body)
    return _little(found)


def _little(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers = array("I", numbers)
        numbers.byteswap()
    return numbers


class _Pieces:
    """Reads so many bytes at a time."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest, self._at = pieces, b"", 0

    def read(self, size: int, *, may_end: bool = False) -> bytes:
        """Nothing at the end, where there may be one."""
        parts, missing = [self._taken(size)], size
        while missing := missing - len(parts[-1]):
            piece = next(self._pieces, None)
            if piece is None:
                if may_end and missing == size:
                    return b""
                raise CutOffError("the packed rows end within a batch")
            self._rest, self._at = piece, 0
            parts.append(self._taken(missing))
        return b"".join(parts)

    def _taken(self, most: int) -> bytes:
        """Of the piece that was asked for last."""
        begin, self._at = self._at, min(self._at + most, len(self._rest))
        return self._rest[begin : self._at]


class Packing:
    """Takes the rows of a dataset in their order, by blocks and one by one, and writes them down.

    order: positions of the target, then of the features as channels have them, among the values of a row.
    """

    def __init__(self, order: Sequence[int], write: Callable[[bytes], None]) -> None:
        self._order, self._to = order, write
        self._file, self._rows = "", list[PackedRow]()

    def add(self, file: str, values: Sequence[Value], texts: Sequence[str]) -> None:
        """A row that was read by the rules: its values, and the same as texts."""
        if file != self._file or len(self._rows) == ROWS:
            self.flush()
            self._file = file
        self._rows.append(pack(self._order, values, texts))

    def add_block(self, file: str, rows: PackedRows) -> None:
        self.flush()
        self._write(file, rows)

    def flush(self) -> None:
        """After the last row."""
        if self._rows:
            self._write(self._file, packed_rows(self._rows))
            self._rows = []

    def _write(self, file: str, rows: PackedRows) -> None:
        for piece in body_of(file, rows):
            self._to(piece)


def pack(order: Sequence[int], values: Sequence[Value], texts: Sequence[str]) -> PackedRow:
    """order: as Packing has it."""
    target, *features = order
    numbers, words = packed_values([values[at] for at in features])
    line = csv_line(["0", *(texts[at] for at in features)])[1:]
    return PackedRow(texts[target].encode(), line.encode(), words, numbers)
