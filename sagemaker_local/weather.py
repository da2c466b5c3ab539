"""Weather: what a real account does to its callers by chance, and faults.py does by script.

Times of AWS are in minutes, and a minute is `minute_seconds` long here: where that is 1, a change of 12 minutes takes
12 seconds. docs/weather.md says where AWS documents each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from sagemaker_local.store import Document

CHANGES = (8.0, 12.0, 40.0)
MAINTENANCE = 20.0
NO_ROOM = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a "
    "different ML instance type or after some time."
)
# Operations that may be told that something just made is not there, by the member that names it.
_REFERS = {
    "DescribeModel": "ModelName",
    "CreateTransformJob": "ModelName",
    "CreateEndpointConfig": "ModelName",
    "DescribeEndpointConfig": "EndpointConfigName",
    "CreateEndpoint": "EndpointConfigName",
    "UpdateEndpoint": "EndpointConfigName",
}
_MADE = {"CreateModel": "ModelName", "CreateEndpointConfig": "EndpointConfigName"}


@dataclass(frozen=True)
class Chances:
    """How often each happens, from 0 to 1. Times in minutes.

    unseen: a model or config that was just made, at the next look. behind: DescribeEndpoint after a change. silent: the
    reason of an update that fell back. maintenance: between two, on average; 0: never. metrics: the longest delay.
    """

    changes: tuple[float, ...] = (0.0,)
    job: float = 0.0
    unseen: float = 0.0
    behind: float = 0.0
    silent: float = 0.0
    maintenance: float = 0.0
    late: float = 0.0
    twice: float = 0.0
    lost: float = 0.0
    gives_up: float = 0.0
    throttled: float = 0.0
    metrics: float = 0.0


_REAL = Chances(
    CHANGES, job=10.0, unseen=0.3, behind=0.3, silent=0.5, maintenance=360.0, late=0.1, twice=0.1, metrics=3.0
)
WEATHERS = {
    "fair": Chances(),
    "real": _REAL,
    "storm": Chances(
        CHANGES,
        job=10.0,
        unseen=0.5,
        behind=0.5,
        silent=0.7,
        maintenance=90.0,
        late=0.2,
        twice=0.2,
        lost=0.3,
        gives_up=0.03,
        throttled=0.02,
        metrics=6.0,
    ),
}
LATEST_EVENT = 30.0


class Weather:
    """What happens now. Safe to ask from the event loop and from the store's thread."""

    def __init__(self, name: str = "fair", minute_seconds: float = 60.0, seed: int | None = None) -> None:
        self._chances = WEATHERS[name]
        self._minute = minute_seconds
        self._random = Random(seed)  # noqa: S311 - weather is no secret
        self._unseen: set[tuple[str, str]] = set()
        self._known: dict[str, Document] = {}

    def _happens(self, chance: float) -> bool:
        return chance > 0 and self._random.random() < chance

    # how long

    def change_seconds(self) -> float:
        """Of one change of an endpoint: "provisions a new fleet" (Blue/Green Deployments)."""
        return self._random.choice(self._chances.changes) * self._minute

    def job_seconds(self) -> float:
        """Until a job's program begins."""
        return self._chances.job * self._minute

    def metric_seconds(self) -> float:
        """How late one value of a metric is."""
        return self._random.uniform(0.0, self._chances.metrics) * self._minute

    def maintenance(self) -> Iterator[tuple[float, float]]:
        """Seconds until the next maintenance of an endpoint, and how many it lasts; nothing in fair weather."""
        while self._chances.maintenance:
            wait = self._random.expovariate(1 / (self._chances.maintenance * self._minute))
            yield wait, MAINTENANCE * self._minute

    def chosen(self, names: list[str]) -> str:
        return self._random.choice(names)

    # what callers see

    def made(self, operation: str, request: Document) -> None:
        """Something was created: the next look may miss it."""
        member = _MADE.get(operation)
        if member and self._happens(self._chances.unseen):
            self._unseen.add((member, request[member]))

    def misses(self, operation: str, request: Document) -> str:
        """The name that this request does not find although it is there; once each, "" for none."""
        member = _REFERS.get(operation)
        for name in _named(request, member) if member else ():
            if (member, name) in self._unseen:
                self._unseen.discard((member or "", name))
                return name
        return ""

    def is_throttled(self) -> bool:
        return self._happens(self._chances.throttled)

    def shown(self, operation: str, request: Document, answer: Document | None) -> Document | None:
        """DescribeEndpoint may be one change behind, once a change."""
        if operation != "DescribeEndpoint" or answer is None:
            return answer
        before = self._known.get(request["EndpointName"])
        self._known[request["EndpointName"]] = answer
        is_behind = before is not None and before != answer and self._happens(self._chances.behind)
        return before if is_behind else answer

    # what goes wrong

    def gives_up(self) -> bool:
        """An update finds no capacity, and falls back."""
        return self._happens(self._chances.gives_up)

    def reason(self, reason: str) -> str | None:
        """What an update that fell back says of itself; updates were recorded that said nothing."""
        return None if self._happens(self._chances.silent) else reason

    def deliveries(self) -> list[float]:
        """After how many seconds an event is delivered: none, once, or twice."""
        if self._happens(self._chances.lost):
            return []
        times = 2 if self._happens(self._chances.twice) else 1
        return [self._event_seconds() for _ in range(times)]

    def _event_seconds(self) -> float:
        is_late = self._happens(self._chances.late)
        return self._random.uniform(0.0, LATEST_EVENT) * self._minute if is_late else 0.0


def _named(value: Any, member: str) -> Iterator[str]:
    """Every value of this member, however deep."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict) and member in value:
        yield str(value[member])
    for each in inner:
        yield from _named(each, member)
