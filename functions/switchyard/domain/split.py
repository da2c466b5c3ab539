"""Splitting by content: a row lands on the same side in every dataset that holds it."""

from enum import StrEnum
from itertools import pairwise

MAX_CHUNKS = 8
SMALLEST_CHUNK = 250


class Part(StrEnum):
    FIRST = "first"
    REST = "rest"


def part_of(digest: str, percent: int) -> Part:
    """`percent` of all rows are FIRST, chosen by the row's own sha256 (hex)."""
    return Part.FIRST if int(digest[:8], 16) % 100 < percent else Part.REST


def holdout_chunks(rows: int) -> list[dict[str, int]]:
    """Row ranges [first, last) of nearly equal size; at most 8, so that transitions do not grow with the holdout."""
    count = max(1, min(MAX_CHUNKS, rows // SMALLEST_CHUNK))
    edges = [rows * i // count for i in range(count + 1)]
    return [{"first": a, "last": b} for a, b in pairwise(edges)]
