"""Blocks in order of time, and what depends on that order: bursts and the split of each step.

Blocks may arrive in any order. Running sums are remembered every 32 blocks, so that a late block makes only the newest
blocks count again, and the result is that of blocks which came in order.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from switchyard.core.evidence import Block
from switchyard.stats.dispersion import Dispersion, rounded_up

# Blocks at the start of a step that do not count for the sample-ratio check: weights change meanwhile.
SETTLING_BLOCKS = 2
_STRIDE = 32

Moment = tuple[tuple[int, int, str], ...]


def time_order(block: Block) -> Moment:
    """Sorts block ids as people read them: ISO times, and numbers by value ("9" before "10")."""
    parts = re.split(r"(\d+)", block.block)
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)


@dataclass
class _Running:
    """Sums over the blocks so far. splits: step -> (blocks seen, requests of champion, of challenger)."""

    champion: Dispersion = field(default_factory=Dispersion)
    challenger: Dispersion = field(default_factory=Dispersion)
    splits: dict[int, tuple[int, float, float]] = field(default_factory=dict)

    def add(self, block: Block) -> None:
        self.champion.add(block.n0, block.s0)
        self.challenger.add(block.n1, block.s1)
        if block.n0 and block.n1:  # what one arm did not report says nothing about the split
            seen, n0, n1 = self.splits.get(block.stage, (0, 0.0, 0.0))
            counts = seen >= SETTLING_BLOCKS
            self.splits[block.stage] = (seen + 1, n0 + block.n0 * counts, n1 + block.n1 * counts)

    def copy(self) -> _Running:
        return _Running(self.champion.copy(), self.challenger.copy(), dict(self.splits))


class Timeline:
    """The blocks of one metric, oldest first."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._moments: list[Moment] = []
        self._running = _Running()
        self._remembered = [_Running()]

    def insert(self, block: Block) -> None:
        moment = time_order(block)
        place = bisect_right(self._moments, moment)
        self._moments.insert(place, moment)
        self.blocks.insert(place, block)
        if place < len(self.blocks) - 1:
            del self._remembered[place // _STRIDE + 1 :]
            self._running = self._remembered[-1].copy()
            place = (len(self._remembered) - 1) * _STRIDE
        for at in range(place, len(self.blocks)):
            self._running.add(self.blocks[at])
            if (at + 1) % _STRIDE == 0:
                self._remembered.append(self._running.copy())

    def correlation(self) -> float:
        """The larger of both arms' intra-block correlations, on the grid."""
        return rounded_up(max(self._running.champion.estimate(), self._running.challenger.estimate()))

    def split(self) -> tuple[tuple[float, float], ...]:
        """(champion, challenger) requests per step."""
        steps = range(max(self._running.splits, default=-1) + 1)
        return tuple(self._running.splits.get(step, (0, 0.0, 0.0))[1:] for step in steps)
