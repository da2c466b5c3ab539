"""`switchyard report`: why a model shipped or not, as one HTML file."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from cli.commands.options import AsJson
from cli.display import reporting, say, step
from cli.records.chosen_run import chosen
from cli.stack.stack import Stack


@reporting
def report(
    run: Annotated[
        str,
        typer.Argument(help="Run id, or a dataset as `switchyard runs` shows it; without one the newest."),
    ] = "",
    output: Annotated[
        Path | None, typer.Option(help="File or folder to write to; without one <run id>.html, here.")
    ] = None,
    as_json: AsJson = False,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """Write the report of a run as one HTML file: verdict, data, offline gate, rollout, cost and timeline."""
    from cli.report.as_json import report_of
    from cli.report.file import write_report  # plots would slow down every other command
    from cli.report.sources import sources_of

    stack = Stack.load()
    sources = sources_of(stack)
    line = chosen(stack, sources, run)
    if as_json:
        typer.echo(json.dumps(report_of(sources.facts(line))))
        return
    with step(f"Report of {line.run_id or line.source}"):
        path = write_report(sources, line, output)
    say(f"{line.state}: {path}")
    if open_it:
        webbrowser.open(path.resolve().as_uri())
