"""Rows that are gone through twice and parsed once: they lie on disk in between, as they were located."""

from array import array
from collections.abc import Iterable, Iterator
from typing import IO

from switchyard.core.data.packed.packed_rows import DIGEST, PackedRows, Texts
from switchyard.training.located_rows import Batch


class SpooledRows:
    """`file` takes the rows and gives them again, in the same order."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._heads: list[tuple[str, int, int, int]] = []

    def keep(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The same batches, each written down before it goes on."""
        for batch in batches:
            rows = batch.rows
            self._heads.append((batch.file, batch.first, rows.rows, len(rows.lines.body)))
            self._file.writelines((
                rows.digests, rows.codes.tobytes(), rows.lines.ends.tobytes(), rows.lines.body,
            ))  # fmt: skip
            yield batch

    def again(self) -> Iterator[Batch]:
        """All that was kept."""
        self._file.seek(0)
        for file, first, rows, size in self._heads:
            digests, codes, ends = self._file.read(DIGEST * rows), self._numbers(rows), self._numbers(rows)
            yield Batch(file, first, PackedRows(digests, codes, Texts(ends, self._file.read(size))))

    def _numbers(self, rows: int) -> "array[int]":
        found = array("I")
        found.frombytes(self._file.read(found.itemsize * rows))
        return found
