"""Groups of columns that were read one after the other, joined row by row."""

import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO

_LENGTH = struct.Struct("<I")


def side_by_side(groups: Sequence[Iterator[str]]) -> Iterator[str]:
    """groups: as many texts each; every group is read to its end before the next one begins, and waits on disk."""
    with ExitStack() as stack:
        spools = [stack.enter_context(TemporaryFile()) for _ in groups]
        rows = [_spool(group, spool) for group, spool in zip(groups, spools, strict=True)]
        for _ in range(min(rows)):
            yield ",".join(map(_next, spools))


def _spool(texts: Iterator[str], spool: IO[bytes]) -> int:
    rows = 0
    for rows, text in enumerate(texts, start=1):  # noqa: B007 the count outlives the loop
        body = text.encode()
        spool.write(_LENGTH.pack(len(body)) + body)
    spool.seek(0)
    return rows


def _next(spool: IO[bytes]) -> str:
    [size] = _LENGTH.unpack(spool.read(_LENGTH.size))
    return spool.read(size).decode()
