"""Files in the form that is trained from, kept on disk while they are checked, so that they are converted once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOM = 4 * 1024**3  # bytes on disk, beside what else is read; what does not fit is converted once more
PACKED_ROOM = 3 * 1024**3 // 2  # bytes of packed rows, which have what is left of ROOM, too


@dataclass
class KeptForm:
    """A file as far as there is room for all of it: what it takes is gone when there is none."""

    file: IO[bytes]
    room: Callable[[], int]
    size: int = 0
    is_too_large: bool = False

    def write(self, body: bytes) -> None:
        if self.is_too_large:
            return
        self.size += len(body)
        self.is_too_large = self.size > self.room()
        if self.is_too_large:
            self.file.truncate(0)
            self.size = 0
        else:
            self.file.write(body)

    @property
    def path(self) -> str:
        """Where it lies; nothing of a file that came in this form already, or for which there was no room."""
        return str(self.file.name) if self.size else ""


@dataclass
class KeptForms:
    """Takes one file after the other into `folder`. Packed rows give way to files that are converted: without them
    the files are read once more.
    """

    folder: Path
    room: int = ROOM
    packed_room: int = PACKED_ROOM
    paths: list[str] = field(default_factory=list)
    packed: str = ""

    def __post_init__(self) -> None:
        self._open: KeptForm | None = None

    @contextmanager
    def packing(self) -> Iterator[KeptForm]:
        """What is written to it, the packed rows of all files, lies at `packed` from then on."""
        with (self.folder / "packed").open("wb") as file:
            kept = KeptForm(file, self._left_to_packed)
            yield kept
        self.packed = kept.path

    def _left_to_packed(self) -> int:
        return self.packed_room + self.room - (self._open.size if self._open else 0)

    @contextmanager
    def next(self) -> Iterator[KeptForm]:
        """What is written to it is at the end of `paths` from then on."""
        room = self.room
        with (self.folder / str(len(self.paths))).open("wb") as file:
            self._open = kept = KeptForm(file, lambda: room)
            yield kept
        self._open = None
        self.paths.append(kept.path)
        self.room -= kept.size
