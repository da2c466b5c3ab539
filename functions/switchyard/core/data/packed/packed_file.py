"""A dataset's packed rows in one file: batches, each of rows of one of its files that follow each other.

A batch is a head of three 32-bit numbers (rows, bytes of the file's name and of the lines), then the name, the digests,
the codes, the ends of the lines, and the lines; all little-endian.
"""

import hashlib
import json
import struct
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

from switchyard.core.data.classes import Classes
from switchyard.core.data.contract import Feature, Kind
from switchyard.core.data.identity import row_identity
from switchyard.core.data.packed.packed_rows import (
    DIGEST,
    Codes,
    PackedRow,
    PackedRows,
    Texts,
    line_of,
    packed_rows,
)
from switchyard.core.data.rows import Value

VERSION = 2
ROWS = 2048  # of a batch of rows that were read one by one
_HEAD = struct.Struct("<3I")


def layout_name(target: Kind, classes: Iterable[str], features: Iterable[Feature]) -> str:
    """Names what the rows are packed by: rows of one dataset that are packed alike are in one file."""
    columns = [[feature.name, feature.kind.value] for feature in features]
    layout = [VERSION, target.value, list(classes), columns]
    return hashlib.sha256(json.dumps(layout).encode()).hexdigest()[:32]


class CutOffError(ValueError):
    """The file ends within a batch."""


def body_of(file: str, rows: PackedRows) -> Iterator[bytes]:
    """A batch in pieces."""
    name, lines = file.encode(), rows.lines
    yield _HEAD.pack(rows.rows, len(name), len(lines.body)) + name
    yield rows.digests
    yield _little(rows.codes).tobytes()
    yield _little(lines.ends).tobytes()
    yield lines.body


def read_packed(pieces: Iterator[bytes]) -> Iterator[tuple[str, PackedRows]]:
    """Every batch with the name of its file. pieces: of the file, in any sizes; CutOffError where some are missing."""
    source = _Pieces(pieces)
    while head := source.read(_HEAD.size, may_end=True):
        rows, named, size = _HEAD.unpack(head)
        file = source.read(named).decode()
        digests, codes, ends = source.read(DIGEST * rows), source.read(4 * rows), source.read(4 * rows)
        yield file, PackedRows(digests, _numbers(codes), Texts(_numbers(ends), source.read(size)))


def _numbers(body: bytes) -> "array[int]":
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

    order: positions of the target, then of the features as channels have them, among the values of a row. classes: as
    far as the first rows show them; none of a regression. A row of another class makes all that was written void.
    """

    def __init__(
        self, order: Sequence[int], write: Callable[[bytes], None], classes: tuple[str, ...]
    ) -> None:
        self._order, self._to, self.classes = order, write, classes
        self._index = Classes(classes).index if classes else _of_none
        self._file, self._rows = "", list[PackedRow]()
        self.is_void = False

    def codes(self, values: Iterable[Value]) -> Codes | None:
        """Of these values of the target, at least one; None where one makes it void."""
        found = {value: self._index(value) for value in values} if self.classes else {}
        self.is_void |= None in found.values() or (not found and bool(self.classes))
        return None if self.is_void else {value: code for value, code in found.items() if code is not None}

    def packed(self, values: Sequence[Value], texts: Sequence[str]) -> PackedRow | None:
        """A row that was read by the rules: its values, and the same as texts."""
        target, *features = self._order
        code = self._index(values[target])
        self.is_void |= code is None
        if code is None:
            return None
        label = str(code) if self.classes else texts[target]
        own = [*(values[at] for at in features), float(code) if self.classes else values[target]]
        return PackedRow(row_identity(own), code, line_of(label, [texts[at] for at in features]))

    def add(self, file: str, values: Sequence[Value], texts: Sequence[str]) -> None:
        """The same, written."""
        row = None if self.is_void else self.packed(values, texts)
        if row is None:
            return
        if file != self._file or len(self._rows) == ROWS:
            self.flush()
            self._file = file
        self._rows.append(row)

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


def _of_none(_: Value) -> int:
    """In a regression all rows are alike."""
    return 0
