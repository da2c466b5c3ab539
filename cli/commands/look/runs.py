"""`switchyard runs`: what became of every upload."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.commands.options import AsJson, Profile, Region, StackName, connect
from cli.display import console, print_json, reporting, say
from cli.records.ledger import Line, read_lines

GOOD, BAD, QUIET = (
    {"PROMOTED", "SCORED"},
    {"FAILED", "INVALID", "ROLLED_BACK", "ABORTED"},
    {"SUPERSEDED", "RETIRED"},
)


@reporting
def runs(
    model: Annotated[str, typer.Option(help="Only this model.")] = "",
    last: Annotated[int, typer.Option(min=1, help="Only the newest ones.")] = 50,
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """List uploads and runs, newest last: state, reason, run id, cost.

    A cost with ~ is expected; one with > lacks what has no price.
    """
    found = read_lines(connect(stack, profile, region), model)[-last:]
    if as_json:
        print_json({"runs": [asdict(line) for line in found]})
        return
    if not found:
        say(
            "Nothing was uploaded yet. Drop data under s3://<data bucket>/<model>/train/, or run `switchyard demo`."
        )
        return
    console.print(table(found))


def table(found: list[Line]) -> Table:
    shown = Table("model", "dataset", "state", "reason", "run", "cost", "since (UTC)")
    for line in found:
        when = line.at[:19].replace("T", " ")
        state = Text(line.state, style=style(line.state))
        shown.add_row(line.model, _dataset(line), state, Text(line.reason), line.run_id, line.cost, when)
    return shown


def style(state: str) -> str:
    return "green" if state in GOOD else "red" if state in BAD else "dim" if state in QUIET else "yellow"


def _dataset(line: Line) -> str:
    """What follows `s3://bucket/model/` in an S3 address: the rest is the same in every row."""
    _, found, rest = line.source.partition(f"/{line.model}/")
    return rest if found else line.source
