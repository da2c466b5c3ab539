"""`switchyard demo-all`: every row of the table, one after another, on one local stack."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.commands.options import AsJson
from cli.demo.fresh import fresh_stack
from cli.display import console, fail, print_json, reporting, step
from cli.rows.player import Player, model_of
from cli.rows.row import Ending, Row
from cli.rows.table import ROWS
from cli.stack.errors import StackError
from cli.stack.stack import Stack

Only = Annotated[list[str] | None, typer.Option(help="Play this row alone; may be given several times.")]


@dataclass(frozen=True)
class Played:
    """A row, how it ended, and its wall seconds."""

    row: Row
    ending: Ending
    seconds: float

    @property
    def is_expected(self) -> bool:
        return self.ending.state == self.row.expected

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        row, ending = self.row, self.ending
        known = {"part": row.part, "row": row.name, "expected": row.expected}
        return known | {"state": ending.state, "reason": ending.reason, "seconds": self.seconds}


@reporting
def demo_all(only: Only = None, as_json: AsJson = False) -> None:
    """Play every way to train, evaluate, deploy and trigger.

    Exit code 1 if a row does not end as it must.
    """
    unknown = set(only or ()) - {row.name for row in ROWS}
    if unknown:
        raise fail(
            f"No such row: {', '.join(sorted(unknown))}.", f"Known: {', '.join(row.name for row in ROWS)}."
        )
    stack = fresh_stack({model_of(row.name) for row in ROWS})
    played = [_play(stack, row) for row in ROWS if not only or row.name in only]
    _show(played)
    if as_json:
        print_json({"rows": [each.to_dict() for each in played]})
    missed = [each.row.name for each in played if not each.is_expected]
    if missed:
        raise fail(f"These rows did not end as they must: {', '.join(missed)}.", "Look at `switchyard runs`.")


class _MissedError(Exception):
    """A row did not end as it must; the others are played all the same."""


def _play(stack: Stack, row: Row) -> Played:
    began = time.monotonic()
    with suppress(_MissedError), step(f"{row.name}: {row.title}"):
        ending = _ending(stack, row)
        if ending.state != row.expected:
            raise _MissedError
    return Played(row, ending, time.monotonic() - began)


def _ending(stack: Stack, row: Row) -> Ending:
    try:
        return row.play(Player(stack, row.name))
    except StackError as error:
        return Ending("BROKEN", f"{error.problem} {error.next_step}")


def _show(played: list[Played]) -> None:
    table = Table(title="Every way to train, evaluate, deploy and trigger", title_justify="left")
    for name in ("part", "row", "terminal state", "reason"):
        table.add_column(name, overflow="fold")
    table.add_column("seconds", justify="right")
    for each in played:
        style = "green" if each.is_expected else "red"
        state = Text(each.ending.state, style=style)
        table.add_row(each.row.part, each.row.name, state, each.ending.reason, f"{each.seconds:.0f}")
    console.print(table)
