"""Many runs of one model through the machines and functions, with stubbed jobs: `... benchmarks.line.runs RUNS`.

The whole cloud side plays in one process over fakes that count (tests/fakes/world.py): the state machines as they are
deployed, every handler, a ledger and buckets in memory. Jobs, endpoints and traffic are answers. Each run is dropped,
judged and promoted, a day after the one before. Prints JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.memory import peak_megabytes
from tests.fakes.installed import installed
from tests.fakes.store import Clock
from tests.fakes.world import World
from tests.flood.play import BYTES, CountedItems, CountedStorage

DAY, AT_ENDS = 86_400.0, 20


@dataclass
class CountedWorld(World):
    """A world that counts what its functions ask for, and how long they work."""

    asked: Counter[str] = field(default_factory=Counter)
    invoked: Counter[str] = field(default_factory=Counter)
    spent: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.items = CountedItems(self.asked)
        self.data, self.artifacts = (
            CountedStorage(name, self.clock, self.asked) for name in ("data", "artifacts")
        )
        self.ledger = type(self.ledger)(self.items, self.clock)
        self.declare()

    def handle(self, name: str, document: Mapping[str, Any]) -> Any:
        self.invoked[name] += 1
        began = time.process_time()
        try:
            return super().handle(name, document)
        finally:
            self.spent[name] += 1000 * (time.process_time() - began)

    def forget(self) -> None:
        """Step Functions forgets executions 90 days after their end."""
        for each in (self.executions, self.asked, self.invoked, self.spent):
            each.clear()


@dataclass(frozen=True)
class Played:
    """One run. states: of its machines, in the order in which they were entered; calls: how many of each kind;
    invoked: how often each function was, and milliseconds: how long all of its invocations worked together.
    """

    state: str
    states: Mapping[str, list[str]]
    calls: Mapping[str, int]
    invoked: Mapping[str, int]
    milliseconds: Mapping[str, float]
    cpu_s: float

    @property
    def transitions(self) -> int:
        return sum(map(len, self.states.values()))


def played(runs: int) -> list[Played]:
    """One after another, of one model."""
    world = CountedWorld(clock=Clock())
    with installed(world), contextlib.redirect_stdout(io.StringIO()):  # the metrics that functions print
        return [_one(world, seed) for seed in range(1, runs + 1)]


def _one(world: CountedWorld, seed: int) -> Played:
    world.forget()
    world.clock.pass_(DAY)
    world.upload(seed)
    began = time.process_time()
    world.play()
    taken = time.process_time() - began
    calls = {name: count for name, count in world.asked.items() if name != BYTES}
    states = {machine: list(each.states) for (machine, _), each in world.executions.items()}
    return Played(world.states()[seed], states, calls, dict(world.invoked), dict(world.spent), taken)


def figures(every: list[Played]) -> dict[str, Any]:
    """Of all runs but the first, which has no champion to be compared with."""
    later = every[1:]
    few = max(1, min(AT_ENDS, len(later) // 2))
    first, last = later[:few], later[-few:]
    return {
        "runs": len(every),
        "promoted": sum(each.state == "PROMOTED" for each in every),
        "runs_per_cpu_s": len(every) / sum(each.cpu_s for each in every),
        "cpu_ms": 1000 * statistics.median(each.cpu_s for each in later),
        "transitions": max(each.transitions for each in every),
        "cpu_last_over_first": _ratio([each.cpu_s for each in last], [each.cpu_s for each in first]),
        "calls_last_over_first": _ratio([_calls(each) for each in last], [_calls(each) for each in first]),
        "peak_mb": peak_megabytes(),
        "calls": dict(last[-1].calls),
        "states": last[-1].states,
        "invoked": dict(last[-1].invoked),
        "milliseconds": dict(last[-1].milliseconds),
    }


def _calls(run: Played) -> float:
    return float(sum(run.calls.values()))


def _ratio(ones: list[float], others: list[float]) -> float:
    return statistics.median(ones) / statistics.median(others)


if __name__ == "__main__":
    print(json.dumps(figures(played(int(sys.argv[1])))))
