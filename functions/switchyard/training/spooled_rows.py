"""Rows that are gone through twice and parsed once: they lie on disk in between, as they were located."""

from array import array
from collections.abc import Iterable, Iterator
from typing import IO

from switchyard.core.data.packed.packed_rows import Texts
from switchyard.training.located_rows import Batch

DIGEST = 32  # bytes


class SpooledRows:
    """`file` takes the rows and gives them again, in the same order. No target has a line end in it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._heads: list[tuple[str, int, int, int, int]] = []

    def keep(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The same batches, each written down before it goes on."""
        for batch in batches:
            self._write(batch)
            yield batch

    def again(self) -> Iterator[Batch]:
        """All that was kept."""
        self._file.seek(0)
        for file, first, rows, targets, features in self._heads:
            digests = self._file.read(DIGEST * rows).hex()
            labels, ends = array("d"), array("I")
            labels.frombytes(self._file.read(labels.itemsize * rows))
            ends.frombytes(self._file.read(ends.itemsize * rows))
            named = self._file.read(targets).decode().split("\n")
            yield Batch(
                file,
                first,
                [digests[at : at + 2 * DIGEST] for at in range(0, 2 * DIGEST * rows, 2 * DIGEST)],
                labels.tolist(),
                named,
                Texts(ends, self._file.read(features)),
            )

    def _write(self, batch: Batch) -> None:
        targets, features = "\n".join(batch.targets).encode(), batch.features
        self._heads.append((batch.file, batch.first, len(batch.labels), len(targets), len(features.body)))
        self._file.writelines((
            bytes.fromhex("".join(batch.identities)),
            array("d", batch.labels).tobytes(),
            features.ends.tobytes(),
            targets,
            features.body,
        ))  # fmt: skip
