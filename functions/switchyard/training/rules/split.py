"""Splitting by content: a row lands on the same side in every dataset that holds it."""

import sys
from array import array
from collections.abc import Sequence
from itertools import pairwise
from math import ceil

WORDS = 8  # of 32 bits in a digest; one of them chooses a part
MAX_CHUNKS = 8
SMALLEST_CHUNK = 250
LARGE_CHUNK = 20_000
MAX_DISTRIBUTED_CHUNKS = 10_000


def are_first(digests: bytes, percent: int, word: int) -> list[bool]:
    """Of rows by their own digests, one behind the other: `percent` of all are, chosen by that word of each."""
    parts = array("I", digests)[word::WORDS]
    if sys.byteorder == "little":
        parts.byteswap()
    return [part % 100 < percent for part in parts]


def is_distributed(rows: int, how: str) -> bool:
    """Whether so many rows are a Distributed Map's: as declared, or (`auto`) when eight chunks would be too large."""
    return how == "distributed" or (how == "auto" and rows > MAX_CHUNKS * LARGE_CHUNK)


def holdout_chunks(rows: int, offsets: Sequence[int], *, distributed: bool = False) -> list[dict[str, int]]:
    """Row ranges [first, last) of nearly equal size, and the byte where the first begins.

    offsets: of every 250th row. At most 8 chunks, so that transitions do not grow with the holdout; distributed, of
    20,000 rows each, in executions of their own.
    """
    count = max(1, min(MAX_CHUNKS, rows // SMALLEST_CHUNK))
    if distributed:
        count = max(count, min(MAX_DISTRIBUTED_CHUNKS, ceil(rows / LARGE_CHUNK)))
    units = ceil(rows / SMALLEST_CHUNK)
    edges = [units * i // count for i in range(count + 1)]
    return [
        {
            "first": a * SMALLEST_CHUNK,
            "last": min(rows, b * SMALLEST_CHUNK),
            "offset": offsets[a] if rows else 0,
        }
        for a, b in pairwise(edges)
    ]
