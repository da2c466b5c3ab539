"""What one line of the table is: a name by which one command prints its figure, and how that is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.checks import Check


@dataclass(frozen=True)
class Size:
    """How much is tried. stop_every: one in so many states of a rollout is stopped on the local stack. uploads: to
    record there. has_browser: Chromium. What hangs on the machine, the quick form asks of a slow and busy one:
    whole_seconds, until the champion has everything again, and uploads_a_second.
    """

    name: str
    events: int
    hostile: int
    requests: int
    aborted: int
    stop_every: int
    whole_seconds: float
    uploads: int
    uploads_a_second: float
    has_browser: bool


QUICK = Size(
    "quick",
    events=1_000,
    hostile=60,
    requests=20_000,
    aborted=120,
    stop_every=3,
    whole_seconds=240,
    uploads=60,
    uploads_a_second=10,
    has_browser=False,
)
WHOLE = Size(
    "whole",
    events=10_000,
    hostile=200,
    requests=100_000,
    aborted=10_000,
    stop_every=1,
    whole_seconds=60,
    uploads=200,
    uploads_a_second=20,
    has_browser=True,
)


@dataclass(frozen=True)
class Line:
    """measure: the figures, beside what must hold."""

    name: str
    measure: Callable[[Size], Iterable[Check]]

    @property
    def command(self) -> str:
        return f"python -m tests.proof {self.name}"
