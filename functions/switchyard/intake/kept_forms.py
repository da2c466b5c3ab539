"""Files in the form that is trained from, kept on disk while they are checked, so that they are converted once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOM = 4 * 1024**3  # bytes on disk, beside what else is read; what does not fit is converted once more
PACKED_ROOM = 3 * 1024**3 // 2  # bytes of packed rows; if they do not fit, the files are read once more


@dataclass
class KeptForm:
    """A file as far as there is room for all of it: what it takes is gone when there is none."""

    file: IO[bytes]
    room: int
    size: int = 0

    def write(self, body: bytes) -> None:
        if self.size > self.room:
            return
        self.size += len(body)
        if self.size > self.room:
            self.file.truncate(0)
        else:
            self.file.write(body)

    @property
    def path(self) -> str:
        """Where it lies; nothing of a file that came in this form already, or for which there was no room."""
        return str(self.file.name) if 0 < self.size <= self.room else ""


@dataclass
class KeptForms:
    """Takes one file after the other into `folder`."""

    folder: Path
    room: int = ROOM
    packed_room: int = PACKED_ROOM
    paths: list[str] = field(default_factory=list)
    packed: str = ""

    @contextmanager
    def packing(self) -> Iterator[KeptForm]:
        """What is written to it, the packed rows of all files, lies at `packed` from then on."""
        with (self.folder / "packed").open("wb") as file:
            kept = KeptForm(file, self.packed_room)
            yield kept
        self.packed = kept.path

    @contextmanager
    def next(self) -> Iterator[KeptForm]:
        """What is written to it is at the end of `paths` from then on."""
        with (self.folder / str(len(self.paths))).open("wb") as file:
            kept = KeptForm(file, self.room)
            yield kept
        self.paths.append(kept.path)
        self.room -= kept.size if kept.path else 0
