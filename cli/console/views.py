"""One execution as it is shown: its graph with every state's status, its visits, its events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from cli.console import words
from cli.console.layout import Box, Drawing, Line, lay_out
from cli.console.machine import Node, Scope
from cli.records.executions import message
from cli.records.history import Event, Status, Visit, details, owners, visits
from cli.report.words import duration

SKIPPED_KEYS = {"name", "error", "cause", "inputDetails", "outputDetails", "roleArn", "region"}
PAYLOAD_KEYS = ("input", "parameters", "output")
FITS = 7  # letters beside a state's name
NO_VISIT = 0.05  # seconds below which a state says no duration


@dataclass(frozen=True)
class StateView:
    """All visits to one state. seconds: of the visits that are over; since: when the open one began, None without;
    error: the last one, one line."""

    node: Node
    status: Status
    visits: int = 0
    retries: int = 0
    seconds: float = 0.0
    since: datetime | None = None
    error: str = ""

    @property
    def took(self) -> str:
        """What stands beside the state's name: in one unit, and no longer than there is room in its box."""
        again = f"{self.visits}x " if self.visits > 1 else ""
        if self.since or self.seconds < NO_VISIT:
            return again
        number, unit = duration(self.seconds).split()[:2]
        whole = f"{float(number):.0f} {unit}"
        ways = (f"{again}{number} {unit}", f"{again}{whole}", whole)
        return next((way for way in ways if len(way) <= FITS), whole)

    @property
    def said(self) -> str:
        """The same in words, for whoever cannot see the graph."""
        parts = [self.status.value]
        if self.seconds >= NO_VISIT and not self.since:
            parts.append(duration(self.seconds))
        parts += [f"{self.visits} visits"] if self.visits > 1 else []
        parts += [f"{self.retries} {'retry' if self.retries == 1 else 'retries'}"] if self.retries else []
        return " · ".join(parts)


@dataclass(frozen=True)
class EventView:
    """One event of a history. payloads: (label, text to show)."""

    number: int
    at: datetime
    kind: str
    state: str
    said: str
    payloads: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ExecutionView:
    """status: Step Functions' word. title: its machine's name. children: executions that it started."""

    arn: str
    name: str
    title: str
    status: str
    started: datetime
    stopped: datetime | None
    error: str
    drawing: Drawing
    states: Mapping[str, StateView]
    taken: frozenset[tuple[str, str]]
    visits: tuple[Visit, ...]
    events: tuple[EventView, ...]
    children: tuple[ExecutionView, ...] = ()

    @property
    def key(self) -> str:
        """Unique on a page."""
        return f"{self.title}-{self.name}"

    @property
    def tone(self) -> Status:
        return words.of_execution(self.status)

    @property
    def is_over(self) -> bool:
        return self.status != "RUNNING" and all(child.is_over for child in self.children)

    @property
    def transitions(self) -> int:
        return len(self.visits) + sum(child.transitions for child in self.children)

    def view(self, box: Box) -> StateView:
        return self.states[box.node.name]

    def is_taken(self, line: Line) -> bool:
        return (line.edge.source, line.edge.target) in self.taken

    def find(self, key: str) -> ExecutionView | None:
        """This execution, or one below it, by its key."""
        if self.key == key:
            return self
        return next((found for child in self.children if (found := child.find(key))), None)

    def visits_to(self, state: str) -> tuple[Visit, ...]:
        return tuple(visit for visit in self.visits if visit.name == state)

    def events_of(self, state: str) -> tuple[EventView, ...]:
        return tuple(event for event in self.events if event.state == state)

    def started_by(self, state: str) -> ExecutionView | None:
        """The execution that a state of this one started last."""
        starts = self.states[state].node.starts if state in self.states else ""
        found = [child for child in self.children if starts and starts.endswith(f":{child.title}")]
        return found[-1] if found else None


def execution_view(
    described: Mapping[str, Any],
    events: Sequence[Event],
    scope: Scope,
    children: Iterable[ExecutionView] = (),
) -> ExecutionView:
    """`described`: the answer of DescribeExecution; `events`: of GetExecutionHistory, oldest first."""
    made = visits(events)
    cause = str(described.get("cause") or "")
    return ExecutionView(
        arn=described["executionArn"],
        name=described["name"],
        title=described["stateMachineArn"].rpartition(":")[2],
        status=described["status"],
        started=described["startDate"],
        stopped=described.get("stopDate"),
        error=f"{described['error']}: {message(cause)}" if described.get("error") else "",
        drawing=lay_out(scope),
        states=state_views(scope, made),
        taken=frozenset((before.name, after.name) for before, after in pairwise(made)),
        visits=made,
        events=event_views(events),
        children=tuple(sorted(children, key=lambda child: child.started)),
    )


def state_views(scope: Scope, made: Sequence[Visit]) -> dict[str, StateView]:
    """Every state of the machine, those inside others included."""
    by_name: dict[str, list[Visit]] = {}
    for visit in made:
        by_name.setdefault(visit.name, []).append(visit)
    views = {node.name: _state_view(node, by_name.get(node.name, [])) for node in scope.walk()}
    for node in scope.walk():
        _fill_in(node, views)
    return views


def _state_view(node: Node, made: Sequence[Visit]) -> StateView:
    if not made:
        return StateView(node, Status.NOT_REACHED)
    last = next((visit for visit in reversed(made) if visit.exited is None), made[-1])
    return StateView(
        node,
        last.status,
        len(made),
        sum(visit.retries for visit in made),
        sum(visit.seconds or 0.0 for visit in made),
        last.entered if last.exited is None else None,
        error_of(next((visit for visit in reversed(made) if visit.error), None)),
    )


def _fill_in(node: Node, views: dict[str, StateView]) -> None:
    """A history that tells nothing of the inside of a Map: its states stand as the Map does."""
    inner = [each for scope in node.inside for each in scope.walk()]
    if inner and all(views[each.name].status is Status.NOT_REACHED for each in inner):
        for each in inner:
            views[each.name] = StateView(each, views[node.name].status, since=views[node.name].since)


def error_of(visit: Visit | None) -> str:
    """The last error of a visit in one line; "" where there was none."""
    if visit is None or not visit.error:
        return ""
    cause = message(visit.cause)
    return f"{visit.error}: {cause}" if cause else visit.error


def event_views(events: Sequence[Event]) -> tuple[EventView, ...]:
    """Every event, oldest first."""
    of_state = owners(events)
    return tuple(_event_view(event, of_state.get(event.get("id", 0), "")) for event in events)


def _event_view(event: Event, state: str) -> EventView:
    found = details(event)
    texts = [(label, str(found[label])) for label in PAYLOAD_KEYS if found.get(label)]
    if found.get("cause"):
        texts.append(("cause", str(found["cause"])))
    error = f"{found['error']}: {message(str(found.get('cause') or ''))}" if found.get("error") else ""
    rest = [
        f"{key} {value}"
        for key, value in found.items()
        if key not in SKIPPED_KEYS and key not in PAYLOAD_KEYS and isinstance(value, str | int)
    ]
    shown = tuple((label, words.payload(text)) for label, text in texts)
    said = error or " · ".join(rest)
    return EventView(event.get("id", 0), event["timestamp"], str(event["type"]), state, said, shown)
