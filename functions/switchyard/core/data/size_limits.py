"""How large a file may become when it is read: a few kilobytes may unfold into gigabytes, or into minutes of work."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from switchyard.core.errors import InvalidDatasetError

MAX_UNPACKED = 4 * 1024**3  # bytes: what one Lambda can check
MOST_TIMES = 100  # text of tables shrinks to a twentieth at best
MAX_COLUMNS = 16_384
FREE = 2 * 1024**2  # bytes up to which that does not count
_MOST: ContextVar[int] = ContextVar("most_unpacked", default=0)  # 0: MAX_UNPACKED


@contextmanager
def unpacking_up_to(size: int) -> Iterator[None]:
    """Within the block a file may unfold to `size` bytes: a machine of its own takes more than a Lambda."""
    before = _MOST.set(size)
    try:
        yield
    finally:
        _MOST.reset(before)


def refuse_wide(name: str, width: int) -> None:
    """InvalidDatasetError for more columns than can be read."""
    if width > MAX_COLUMNS:
        raise InvalidDatasetError(
            f"{name}: row 1: {width} columns; at most {MAX_COLUMNS} are read: leave out what says nothing"
        )


def refuse_large(name: str, size: int, taken: int) -> None:
    """InvalidDatasetError for what has become too large, and for what unfolds as no table does.

    size: bytes of what was made so far, or will be; taken: of the part of the file that it was made of.
    """
    most = _MOST.get() or MAX_UNPACKED
    if size > most:
        raise InvalidDatasetError(f"{name}: over {most} bytes when it is unpacked; drop it in parts")
    if size > FREE and size > MOST_TIMES * taken:
        raise InvalidDatasetError(
            f"{name}: it unfolds to over {MOST_TIMES} times its size, as hardly any table does; drop it as plain CSV"
        )
