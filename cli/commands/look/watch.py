"""`switchyard watch`: a run, a batch drop or a way back as it goes, until it has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli.commands.options import AsJson, Profile, Region, StackName, connect
from cli.display import console, fail, print_json, reporting, say
from cli.records.chosen_run import advice
from cli.records.endpoints import Endpoint, endpoints
from cli.records.executions import Execution, State, named, newest, read_execution
from cli.records.ledger import Line, read_lines
from cli.stack.access import Access
from switchyard.core.run import RunState

LOOK_SECONDS = 0.5
STARTING_SECONDS = 15.0
OUTCOMES_OF_SUCCESS = {
    "PROMOTED",
    "REJECTED",
    "ROLLED_BACK",
    "INCONCLUSIVE",
    "SUPERSEDED",
    "SCORED",
    "PARTLY_SCORED",
}
STARTED_FIRST = ("RetrainMachineArn", "TransformMachineArn", "RestoreMachineArn")
STARTED_BY_RUNS = ("RolloutMachineArn", "RestoreMachineArn")  # in the order in which they start each other


@dataclass(frozen=True)
class Sight:
    """One look at a run: its execution, the endpoints of its model, and its line of the ledger once it has one."""

    execution: Execution
    endpoints: tuple[Endpoint, ...]
    line: Line | None


@reporting
def watch(
    run: Annotated[
        str,
        typer.Argument(
            help="A run, a model for its newest, a batch drop or a restore; without it, what is under way, or was last."
        ),
    ] = "",
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """Follow a run, a batch drop or a rollback by hand until it ends."""
    access = connect(stack, profile, region)
    arn = _execution_arn(access, run)
    last = _show_live(access, arn) if console.is_terminal else _print_changes(access, arn)
    if as_json:
        print_json(document(last))
    ended_well = (
        last.line.state in OUTCOMES_OF_SUCCESS
        if last.line
        else _is_way_back(last) and not last.execution.error
    )
    if not ended_well:
        reason = last.line.reason if last.line else last.execution.error
        raise fail(
            f"The run did not end well: {reason or last.execution.status}", "Look at `switchyard runs`."
        )


def document(sight: Sight) -> dict[str, Any]:
    """The run for programs."""
    execution, line = sight.execution, sight.line
    return {
        "run": execution.name,
        "status": execution.status,
        "transitions": execution.transitions,
        "state": line.state if line else "",
        "reason": line.reason if line else execution.error,
        "endpoints": [asdict(each) | {"weights": dict(each.weights)} for each in sight.endpoints],
    }


def _execution_arn(stack: Access, wanted: str) -> str:
    run = _newest_of(stack, wanted) if wanted else ""
    client = stack.client("stepfunctions")
    machines = [stack.outputs[name] for name in STARTED_FIRST if name in stack.outputs]
    _await_start(stack, machines, run)
    arn = named(client, machines, run) if run else newest(client, machines)
    if arn is None and run:
        raise fail(f"There is no execution {run!r}.", advice(read_lines(stack), run))
    if arn is None:
        raise fail("There is no run yet.", "Drop a dataset, or run `switchyard demo`.")
    return arn


def _newest_of(stack: Access, wanted: str) -> str:
    """The newest run of a model of that name; else what was wanted is a run's own name."""
    runs = [line.run_id for line in read_lines(stack, wanted) if line.run_id]
    return runs[-1] if runs else wanted


def _await_start(stack: Access, machines: Sequence[str], run: str) -> None:
    """A run is on record a moment before its execution is there: who has just begun it means that one."""
    client, deadline = stack.client("stepfunctions"), time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline:
        begun = [line.run_id for line in read_lines(stack) if line.state == RunState.RUNNING and line.run_id]
        if all(named(client, machines, each) for each in begun if run in ("", each)):
            return
        time.sleep(LOOK_SECONDS)


def _is_way_back(sight: Sight) -> bool:
    """A restore has no line of its own in the ledger."""
    return sight.execution.machine == "restore"


def look(stack: Access, arn: str) -> Sight:
    """The run as it is now."""
    children = [stack.outputs[name] for name in STARTED_BY_RUNS if name in stack.outputs]
    execution = read_execution(stack.client("stepfunctions"), arn, children)
    found = [line for line in read_lines(stack, execution.model) if line.run_id == execution.name]
    serving = tuple(endpoints(stack, execution.model)) if execution.model else ()
    return Sight(execution, serving, found[-1] if found else None)


def _sights(stack: Access, arn: str) -> Iterator[Sight]:
    """Looks at the run until it has ended and its record is closed, or stays open a while after the end."""
    patience = 20
    while True:
        sight = look(stack, arn)
        yield sight
        closed = _is_way_back(sight) or (sight.line is not None and bool(sight.line.ended_at))
        if sight.execution.is_over and (closed or patience == 0):
            return
        patience -= sight.execution.is_over
        time.sleep(LOOK_SECONDS)


def _show_live(stack: Access, arn: str) -> Sight:
    with Live(console=console, refresh_per_second=4, vertical_overflow="visible") as live:
        for sight in _sights(stack, arn):
            live.update(picture(sight))
    return sight


def _print_changes(stack: Access, arn: str) -> Sight:
    printed: set[str] = set()
    for sight in _sights(stack, arn):
        for text in sentences(sight):
            if text not in printed:
                say(text)
                printed.add(text)
    return sight


def sentences(sight: Sight) -> list[str]:
    """The run as lines; a line that stays the same was said before."""
    told = []
    for execution in (sight.execution, *sight.execution.children):
        for visit, state in enumerate(execution.states):
            at = f"{execution.name} #{visit + 1} {state.name}"
            told.append(
                f"{at} {'failed' if state.failed else 'entered' if state.seconds is None else 'done'}"
            )
    told += [f"endpoint {e.name} {e.status}: {e.traffic}" for e in sight.endpoints]
    if sight.execution.is_over:
        told.append(
            f"{sight.execution.name} {sight.execution.status}, {sight.execution.transitions} transitions"
        )
    if sight.line and sight.line.ended_at:
        told.append(f"{sight.line.run_id} {sight.line.state}: {sight.line.reason}")
    elif sight.line and sight.line.reason:
        told.append(f"{sight.line.run_id} {sight.line.reason}")
    return told


def picture(sight: Sight) -> RenderableType:
    """The run for a terminal."""
    execution = sight.execution
    title = Text(f"{execution.name}  ", style="bold") + Text(
        execution.status, style=_colour(execution.status)
    )
    parts: list[RenderableType] = [title, _states(execution.states)]
    for child in execution.children:
        parts += [Text(f"\n{child.name}  {child.status}", style="bold"), _states(child.states)]
    parts += [_traffic(endpoint) for endpoint in sight.endpoints]
    parts.append(Text(f"\n{execution.transitions} transitions", style="dim"))
    if sight.line and sight.line.ended_at:
        parts.append(Text(f"{sight.line.state}: {sight.line.reason}", style="bold"))
    elif sight.line and sight.line.reason:
        parts.append(Text(sight.line.reason, style="yellow"))
    elif execution.error:
        parts.append(Text(execution.error, style="red"))
    return Group(*parts)


def _states(visits: tuple[State, ...]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for state in visits[-24:]:
        mark, style = (
            ("▶", "yellow") if state.seconds is None else ("✗", "red") if state.failed else ("✓", "green")
        )
        seconds = "" if state.seconds is None else f"{state.seconds:.1f} s"
        grid.add_row(Text(mark, style=style), state.name, Text(seconds, style="dim"))
    return grid


def _traffic(endpoint: Endpoint) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_row(Text(f"\n{endpoint.name}", style="bold"), Text(f"\n{endpoint.status}"))
    for variant, share in endpoint.weights:
        grid.add_row(variant, ProgressBar(total=1.0, completed=share, width=40), f"{share:.0%}")
    return grid


def _colour(status: str) -> str:
    return {"SUCCEEDED": "green", "RUNNING": "yellow"}.get(status, "red")
