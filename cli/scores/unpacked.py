"""A packed file as a path that can be read once from front to back, unpacked while it is read."""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO, cast

from isal import igzip

PIECE = 1024**2
HELD = PIECE // 2  # bytes in a pipe, which holds 64 KB otherwise


def opened(packed: Path) -> IO[bytes]:
    """Of gzip, by ISA-L, which takes a third of zlib's CPU."""
    return cast(IO[bytes], igzip.open(packed))  # type: ignore[no-untyped-call]


class _Feeder(Thread):
    """Unpacks a file into a named pipe. failure: what broke it off, other than a reader that went away."""

    def __init__(self, packed: Path, pipe: Path) -> None:
        super().__init__(daemon=True)
        self._packed, self._pipe = packed, pipe
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            with opened(self._packed) as source, self._pipe.open("wb", buffering=0) as target:
                _widen(target)
                shutil.copyfileobj(source, target, PIECE)
        except BrokenPipeError:
            return
        except Exception as failure:  # handed to the thread that reads
            self.failure = failure


def _widen(pipe: IO[bytes]) -> None:
    """Where the system lets it: each time that a pipe is full or empty, one thread has to wake the other."""
    if sys.platform == "linux":
        with suppress(PermissionError):  # "the soft limit on the total number of pages" of a user (pipe(7))
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, HELD)


@contextmanager
def unpacked(packed: Path) -> Iterator[Path]:
    """Of gzip. Raises EOFError, gzip.BadGzipFile or IsalError at the end where the file is cut off or damaged: what a
    reader takes for the end of the text may not be one.
    """
    with TemporaryDirectory() as folder:
        pipe = Path(folder) / "text"
        os.mkfifo(pipe)
        feeder = _Feeder(packed, pipe)
        feeder.start()
        try:
            yield pipe
        finally:
            _let_go(pipe)
            feeder.join()
        if feeder.failure:
            raise feeder.failure


def _let_go(pipe: Path) -> None:
    """One that still waits for a reader has one, which goes at once."""
    with suppress(OSError):
        os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))
