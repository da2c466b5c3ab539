"""Where the time between two moments went: each instant belongs to one cause. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

REST = "events, queues and Step Functions"
Interval = tuple[float, float]


@dataclass(frozen=True)
class Cause:
    """What works, or is waited for, in these intervals; seconds since the epoch."""

    name: str
    intervals: tuple[Interval, ...]


def split(begin: float, end: float, causes: Sequence[Cause]) -> dict[str, float]:
    """Seconds by cause, which add up to end - begin. Where two overlap the earlier named counts; what none covers is
    REST.
    """
    edges = sorted({begin, end, *(at for each in causes for pair in each.intervals for at in pair)})
    inside = [at for at in edges if begin <= at <= end]
    found = dict.fromkeys([*(each.name for each in causes), REST], 0.0)
    for at, following in pairwise(inside):
        found[_cause((at + following) / 2, causes)] += following - at
    return {name: seconds for name, seconds in found.items() if seconds > 0}


def _cause(moment: float, causes: Iterable[Cause]) -> str:
    held = (each.name for each in causes if any(a <= moment <= b for a, b in each.intervals))
    return next(held, REST)
