"""Where the time of a run went on the local stack, by cause: `python -m benchmarks.line.stack --run v2`.

Reads what the run left behind on the stack that is up (`switchyard demo` puts one up and plays `v2`): the job's times,
the endpoints' history, what functions reported, its blocks of evidence. Prints a table, with --json one JSON object a
row. Seconds are this machine's, by the clock: on a busy one they are longer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any
from urllib.request import urlopen

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.line.causes import Cause, Interval, split
from benchmarks.line.paths import DROP, EVIDENCE, PROVEN, TRAINED
from cli.records.executions import read_execution
from cli.records.ledger import Line, read_lines
from cli.stack.stack import Stack
from switchyard.aws.items import DynamoItems
from switchyard.core.ledger.ledger import Ledger

_DURATION = re.compile(r"\tDuration: ([\d.]+) ms")
LOOKS = "waiting for the next look at the evidence"


@dataclass(frozen=True)
class Moments:
    """Of one run that was promoted beside a champion; seconds since the epoch. proven: the beginning of the last period
    whose requests were counted; promoted: when it has all traffic.
    """

    dropped: float
    trains: float
    trained: float
    shared: float
    proven: float
    promoted: float

    def ways(self) -> dict[str, Interval]:
        return {
            DROP: (self.dropped, self.trains),
            TRAINED: (self.trained, self.shared),
            EVIDENCE: (self.shared, self.proven),
            PROVEN: (self.proven, self.promoted),
        }


def main(
    run: Annotated[str, typer.Option(help="The end of its dataset's name, without .csv.")] = "v2",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Split the time of a run by cause."""
    stack = Stack.load()
    lines = [line for line in read_lines(stack) if line.source.endswith(f"/{run}.csv")]
    if not lines or lines[-1].state != "PROMOTED":
        raise typer.BadParameter(
            f"no run of {run}.csv was promoted on this stack: `switchyard demo` plays v2"
        )
    rows = measured(stack, lines[-1])
    for row in rows if as_json else ():
        typer.echo(json.dumps(row))
    if not as_json:
        _show(rows)


def measured(stack: Stack, line: Line) -> list[dict[str, Any]]:
    """A row a path and cause."""
    job = stack.client("sagemaker").describe_training_job(TrainingJobName=f"switchyard-{line.run_id}")
    history = json.loads(urlopen(stack.signed("GET", "/_local/history")).read())  # noqa: S310  # nosec B310: the stack's own address
    moments = _moments(stack, line, job, history)
    causes = _causes(stack, line, job, history)
    return [
        {"path": path, "cause": cause, "seconds": seconds, "share": seconds / max(end - begin, 1e-9)}
        for path, (begin, end) in moments.ways().items()
        for cause, seconds in split(begin, max(begin, end), causes).items()
    ]


def _moments(
    stack: Stack, line: Line, job: Mapping[str, Any], history: Sequence[Mapping[str, Any]]
) -> Moments:
    bucket, _, key = line.source.removeprefix("s3://").partition("/")
    put = stack.client("s3").head_object(Bucket=bucket, Key=key)["LastModified"].timestamp()
    steps = {each["Status"]: each for each in job["SecondaryStatusTransitions"]}
    serving = [
        each
        for each in history
        if each["endpoint"] == f"switchyard-{line.model}" and each["status"] == "InService"
    ]
    shares = [(each["at"], each["weights"]) for each in serving if line.run_id in each["weights"]]
    items = DynamoItems(stack.client("dynamodb"), stack.output("LedgerTableName"))
    blocks = Ledger(items, lambda: 0.0).blocks(line.run_id)
    return Moments(
        put,
        steps["Training"]["StartTime"].timestamp(),
        steps["Training"]["EndTime"].timestamp(),
        next(at for at, weights in shares if len(weights) > 1),
        max(float(each.block) for each in blocks),
        next(
            at
            for at, weights in shares
            if len(weights) == 1 or not sum(weights.values()) - weights[line.run_id]
        ),
    )


def _causes(
    stack: Stack, line: Line, job: Mapping[str, Any], history: Sequence[Mapping[str, Any]]
) -> list[Cause]:
    """Where two overlap the earlier one counts."""
    waits = [
        (each["StartTime"].timestamp(), each["EndTime"].timestamp())
        for each in job["SecondaryStatusTransitions"]
    ]
    return [
        Cause("functions, their starts included", tuple(_functions(stack))),
        Cause("SageMaker: endpoints change", tuple(_changes(history))),
        Cause("SageMaker: the job starts, packs and uploads", tuple(waits)),
        Cause(LOOKS, tuple(_looks(stack, line))),
    ]


def _functions(stack: Stack) -> Iterator[Interval]:
    """Every invocation: its report is written at its end."""
    pages = (
        stack.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName="/switchyard/switchyard/functions")
    )
    for page in pages:
        for event in page["events"]:
            if found := _DURATION.search(event["message"]):
                end = event["timestamp"] / 1000
                yield end - float(found[1]) / 1000, end


def _changes(history: Sequence[Mapping[str, Any]]) -> Iterator[Interval]:
    """From each change of an endpoint to what came of it."""
    for name in {each["endpoint"] for each in history}:
        for before, after in pairwise(each for each in history if each["endpoint"] == name):
            if before["status"] != "InService":
                yield before["at"], after["at"]


def _looks(stack: Stack, line: Line) -> Iterator[Interval]:
    machine = stack.output("RetrainMachineArn").replace(":stateMachine:", ":execution:")
    execution = read_execution(
        stack.client("stepfunctions"), f"{machine}:{line.run_id}", [stack.output("RolloutMachineArn")]
    )
    for child in execution.children:
        for state in child.states:
            if state.name == "JudgeWindow" and state.seconds is not None:
                began = state.entered.timestamp()
                yield began, began + state.seconds


def _show(rows: Sequence[Mapping[str, Any]]) -> None:
    table = Table("path", "cause", "seconds", "share", title="Where the time went")
    for row in rows:
        table.add_row(row["path"], row["cause"], f"{row['seconds']:.2f}", f"{100 * row['share']:.0f} %")
    Console(highlight=False).print(table)


if __name__ == "__main__":
    typer.run(main)
