"""What an execution's history says of each visit to a state. Pure: events in, frozen dataclasses out.

Events are those of GetExecutionHistory. AWS chains them by previousEventId ("The id of the previous event"), which
tells branches of a Map apart; MiniStack has no such chain, and there an event belongs to the visit that is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

Event = Mapping[str, Any]


class Status(StrEnum):
    """Of a visit, and of a state that was visited. WAITING: for a task token, or for an execution that it started."""

    NOT_REACHED = "not reached"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    CAUGHT = "caught"
    FAILED = "failed"
    ABORTED = "aborted"

    @property
    def is_open(self) -> bool:
        return self in (Status.RUNNING, Status.WAITING)


@dataclass(frozen=True)
class Visit:
    """One visit to a state. retries: tasks begun anew after an error. error: the last one, also when a
    retry or a Catch mended it; input, output: JSON texts, "" where there is none."""

    name: str
    entered: datetime
    status: Status = Status.RUNNING
    exited: datetime | None = None
    retries: int = 0
    error: str = ""
    cause: str = ""
    input: str = ""
    output: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it lasts."""
        return None if self.exited is None else (self.exited - self.entered).total_seconds()

    @property
    def failed(self) -> bool:
        """An error left it, whether it was caught or not."""
        return self.status in (Status.CAUGHT, Status.FAILED, Status.ABORTED)


def visits(events: Iterable[Event]) -> tuple[Visit, ...]:
    """Visits in the order of their beginning."""
    book = _Book()
    for event in events:
        book.enter(event)
    return tuple(book.visits)


def owners(events: Iterable[Event]) -> Mapping[int, str]:
    """The state that each event belongs to, by the event's id."""
    book = _Book()
    for event in events:
        book.enter(event)
    return {number: book.visits[index].name for number, index in book.owner.items()}


def details(event: Event) -> Mapping[str, Any]:
    """The one `...EventDetails` of an event."""
    return next((value for key, value in event.items() if key.endswith("EventDetails") and value), {})


class _Book:
    """Visits as they grow, event by event."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.owner: dict[int, int] = {}
        self._broken: set[int] = set()  # visits whose last word was an error

    def enter(self, event: Event) -> None:
        kind, said = str(event["type"]), details(event)
        if "stateEnteredEventDetails" in event:
            self.visits.append(Visit(said["name"], event["timestamp"], input=str(said.get("input", ""))))
            index: int | None = len(self.visits) - 1
        elif kind.startswith("Execution"):
            self._end(kind, event["timestamp"], said)
            return
        else:
            index = self._belongs_to(event, said)
            if index is not None:
                self._happened(index, kind, said, event)
        if index is not None and "id" in event:
            self.owner[event["id"]] = index

    def _belongs_to(self, event: Event, said: Mapping[str, Any]) -> int | None:
        before = self.owner.get(event.get("previousEventId", 0))
        name = said.get("name")
        if before is not None and self._is_open(before) and name in (None, self.visits[before].name):
            return before
        found = (
            index
            for index in reversed(range(len(self.visits)))
            if self._is_open(index) and name in (None, self.visits[index].name)
        )
        return next(found, before)

    def _is_open(self, index: int) -> bool:
        return self.visits[index].exited is None

    def _happened(self, index: int, kind: str, said: Mapping[str, Any], event: Event) -> None:
        visit = self.visits[index]
        if "stateExitedEventDetails" in event:
            status = Status.CAUGHT if index in self._broken else Status.SUCCEEDED
            output = str(said.get("output", ""))
            visit = replace(visit, status=status, exited=event["timestamp"], output=output)
        elif kind.endswith("Scheduled"):
            waits = ".waitForTaskToken" in str(said.get("resource")) or ".sync" in str(said.get("resource"))
            status = Status.WAITING if waits else Status.RUNNING
            visit = replace(visit, retries=visit.retries + (index in self._broken), status=status)
            self._broken.discard(index)
        elif kind.endswith(("Failed", "TimedOut", "Aborted")):
            self._broken.add(index)
            visit = replace(visit, error=str(said.get("error", kind)), cause=str(said.get("cause", "")))
        elif kind.endswith("Succeeded"):
            self._broken.discard(index)
        self.visits[index] = visit

    def _end(self, kind: str, at: datetime, said: Mapping[str, Any]) -> None:
        """The execution's end is the end of whatever was open."""
        if kind not in ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"):
            return
        status = Status.ABORTED if kind == "ExecutionAborted" else Status.FAILED
        for index, visit in enumerate(self.visits):
            if visit.exited is None:
                error, cause = str(said.get("error") or visit.error), str(said.get("cause") or visit.cause)
                self.visits[index] = replace(visit, status=status, exited=at, error=error, cause=cause)
