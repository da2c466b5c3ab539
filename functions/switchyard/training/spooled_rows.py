"""Rows that are gone through twice and parsed once: they are kept in between, as they were located."""

from array import array
from collections.abc import Iterable, Iterator
from typing import IO

from switchyard.core.data.packed.packed_rows import DIGEST, PackedRows, Texts
from switchyard.training.located_rows import Batch

IN_MEMORY = 256 * 1024**2  # bytes; what comes behind them lies on disk


class SpooledRows:
    """Takes the rows and gives them again, in the same order. file: for those that have no room in memory."""

    def __init__(self, file: IO[bytes], room: int = IN_MEMORY) -> None:
        self._file, self._room = file, room
        self._batches: list[Batch] = []
        self._heads: list[tuple[str, int, int, int]] = []

    def keep(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The same batches, each kept before it goes on."""
        for batch in batches:
            self._room -= _size(batch.rows)
            if self._room >= 0:
                self._batches.append(batch)
            else:
                self._write(batch)
            yield batch

    def again(self) -> Iterator[Batch]:
        """All that was kept."""
        yield from self._batches
        self._file.seek(0)
        for file, first, rows, size in self._heads:
            digests, codes, ends = self._file.read(DIGEST * rows), self._numbers(rows), self._numbers(rows)
            yield Batch(file, first, PackedRows(digests, codes, Texts(ends, self._file.read(size))))

    def _write(self, batch: Batch) -> None:
        rows = batch.rows
        self._heads.append((batch.file, batch.first, rows.rows, len(rows.lines.body)))
        self._file.writelines((
            rows.digests, rows.codes.tobytes(), rows.lines.ends.tobytes(), rows.lines.body,
        ))  # fmt: skip

    def _numbers(self, rows: int) -> "array[int]":
        found = array("I")
        found.frombytes(self._file.read(found.itemsize * rows))
        return found


def _size(rows: PackedRows) -> int:
    """Bytes of a digest, a code, an end and a line for each."""
    return (DIGEST + 2 * rows.codes.itemsize) * rows.rows + len(rows.lines.body)
