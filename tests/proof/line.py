"""What one line of the table is: a name by which one command prints its figure, and how that is measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.checks import Check


@dataclass(frozen=True)
class Size:
    """How much is tried. has_stack: also a local stack with live clients, and Chromium."""

    name: str
    events: int
    hostile: int
    requests: int
    aborted: int
    has_stack: bool


QUICK = Size("quick", events=1_000, hostile=60, requests=20_000, aborted=120, has_stack=False)
WHOLE = Size("whole", events=10_000, hostile=200, requests=100_000, aborted=10_000, has_stack=True)


@dataclass(frozen=True)
class Line:
    """measure: the figures, beside what must hold. needs_stack: only the whole form has it."""

    name: str
    measure: Callable[[Size], Sequence[Check]]
    needs_stack: bool = False

    @property
    def command(self) -> str:
        return f"python -m tests.proof {self.name}"
