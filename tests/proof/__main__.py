"""`make proof`: every line of the table, its figure beside its goal and the command that prints it alone.

`python -m tests.proof [--quick] [LINE ...]`. The last line is one JSON object; ends with 1 when a line is missed.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.checks import Check, table_of
from tests.proof.line import QUICK, WHOLE, Line, Size
from tests.proof.lines import LINES

console = Console(highlight=False, width=180)
app = typer.Typer()


@app.command()
def main(
    names: Annotated[list[str] | None, typer.Argument(help="Only these lines.")] = None,
    quick: Annotated[bool, typer.Option(help="Less of each, and without a browser.")] = False,
) -> None:
    """Show that nothing is lost and nobody let in."""
    size = QUICK if quick else WHOLE
    checks = [check for line in chosen(names or []) for check in measured(line, size)]
    console.print(table_of(checks))
    missed = [check.name for check in checks if not check.passed]
    typer.echo(json.dumps({"size": size.name, "lines": [c.to_dict() for c in checks], "missed": missed}))
    raise typer.Exit(1 if missed else 0)


def chosen(names: list[str]) -> list[Line]:
    """Those of that name, else all."""
    known = {line.name: line for line in LINES}
    if unknown := set(names) - set(known):
        raise typer.BadParameter(f"no line is called {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names] or list(LINES)


def measured(line: Line, size: Size) -> Iterator[Check]:
    """Each with its command; told when its line is done, because all of them take minutes."""
    began = time.monotonic()
    with redirect_stdout(io.StringIO()):  # what the functions log
        found = list(line.measure(size))
    for check in found:
        told = replace(check, command=line.command)
        console.print(
            f"{'ok' if told.passed else 'MISSED':7}{told.name}: {told.value:g}  (line: {told.limit})"
        )
        yield told
    console.print(f"[dim]{line.command}: {time.monotonic() - began:.0f} s[/]")


if __name__ == "__main__":
    app()
