"""What a run costs in US dollars beside its jobs and endpoints, and what waiting by polling would take.

List prices of us-east-1, November 2026, without the free tier.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.contract.cloudformation import function_of, functions, template
from tests.flood.bound import GB_SECOND

TRANSITION = 25e-6  # Step Functions, Standard
INVOCATION = 0.2e-6
CALLS: Mapping[str, float] = {
    "reads of the ledger": 0.125e-6,  # DynamoDB on demand, an item of at most 4 KB, consistent
    "writes to the ledger": 0.625e-6,  # of at most 1 KB
    "S3 reads": 0.4e-6,
    "S3 writes": 5e-6,
    "S3 lists": 5e-6,
}
# A loop that polls: Wait, a task that describes, Choice. Neither calls a function.
POLL_SECONDS, POLL_TRANSITIONS = 30.0, 3


@dataclass(frozen=True)
class Polling:
    """The same waits by such loops. delay: seconds by which their ends are seen late on average, all together."""

    transitions: int
    delay: float

    @property
    def usd(self) -> float:
        return self.transitions * TRANSITION


def polling(waits: Iterable[float]) -> Polling:
    """waits: seconds. Each is seen to be over half a period late on average."""
    every = list(waits)
    polls = sum(max(1, math.ceil(seconds / POLL_SECONDS)) for seconds in every)
    return Polling(POLL_TRANSITIONS * polls, len(every) * POLL_SECONDS / 2)


def memory_gb(function: str) -> float:
    """function: its folder."""
    shared = template()["Globals"]["Function"]["MemorySize"]
    return float(functions()[function_of(function)].get("MemorySize", shared)) / 1024


def lambda_usd(invoked: Mapping[str, int], milliseconds: Mapping[str, float]) -> float:
    """By function: how often it was invoked, and how long it worked in all."""
    requests = INVOCATION * sum(invoked.values())
    return requests + math.fsum(
        memory_gb(name) * spent / 1000 * GB_SECOND for name, spent in milliseconds.items()
    )


def calls_usd(calls: Mapping[str, int]) -> float:
    """Raises KeyError for a kind of call that has no price here."""
    return math.fsum(CALLS[name] * count for name, count in calls.items())
