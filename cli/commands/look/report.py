"""`switchyard report`: why a model shipped or not, as one HTML file."""

from __future__ import annotations

import re
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.display import fail, reporting, say, step
from cli.records.ledger import Line, read_lines
from cli.records.run_state import is_terminal
from cli.stack.stack import Stack
from switchyard.core.retirement import RETIRED

if TYPE_CHECKING:
    from cli.report.facts import Sources


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
    line = _chosen(stack, sources, run)
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


def _chosen(stack: Stack, sources: Sources, wanted: str) -> Line:
    """The newest line that is meant; without a wish the newest that is over, or else the newest."""
    lines = [line for line in read_lines(stack) if line.state != RETIRED]
    if not wanted:
        found = [line for line in lines if is_terminal(line.state)] or lines
        if not found:
            raise fail(
                "Nothing was uploaded yet.", "Drop a dataset, or run `switchyard demo`, then ask again."
            )
        return found[-1]
    meant = [
        line for line in lines if wanted in (line.run_id, line.source) or line.source.endswith(f"/{wanted}")
    ]
    line = meant[-1] if meant else sources.recorded(wanted)
    if line is None:
        raise fail(f"There is no run or dataset {wanted!r}.", "`switchyard runs` lists what there is.", 2)
    return line


def _target(output: Path | None, line: Line) -> Path:
    name = line.run_id or re.sub(r"[^A-Za-z0-9.-]+", "-", line.source.partition("//")[2]).strip("-.")
    path = output or Path()
    return path / f"{name[-120:]}.html" if path.is_dir() else path
