"""`switchyard report`: why a model shipped or not, as one HTML file."""

from __future__ import annotations

import re
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.display import fail, reporting, say, step
from cli.records.chosen import chosen
from cli.records.ledger import Line
from cli.stack.stack import Stack

if TYPE_CHECKING:
    pass


@reporting
def report(
    run: Annotated[
        str,
        typer.Argument(help="Run id, or a dataset as `switchyard runs` shows it; without one the newest."),
    ] = "",
    output: Annotated[
        Path | None, typer.Option(help="File or folder to write to; without one <run id>.html, here.")
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """Write the report of a run: verdict, data, offline gate, rollout and timeline in one HTML file."""
    from cli.report.page import render  # plots would slow down every other command
    from cli.report.sources import sources_of

    stack = Stack.load()
    sources = sources_of(stack)
    line = chosen(stack, sources, run)
    with step(f"Report of {line.run_id or line.source}"):
        page = render(sources.facts(line))
    path = _target(output, line)
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as refused:
        raise fail(
            f"{path} cannot be written: {refused.strerror}.", "Name another place with --output."
        ) from None
    say(f"{line.state}: {path}")
    if open_it:
        webbrowser.open(path.resolve().as_uri())


def _target(output: Path | None, line: Line) -> Path:
    name = line.run_id or re.sub(r"[^A-Za-z0-9.-]+", "-", line.source.partition("//")[2]).strip("-.")
    path = output or Path()
    return path / f"{name[-120:]}.html" if path.is_dir() else path
