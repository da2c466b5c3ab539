"""`switchyard report`: why a model shipped or not, as one HTML file."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from cli.commands.found import find
from cli.commands.options import AsJson, Profile, Region, StackName, Wanted
from cli.display import print_json, reporting, say, step


@reporting
def report(
    run: Wanted = "",
    output: Annotated[
        Path | None, typer.Option(help="File or folder to write to; without one <run id>.html, here.")
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """Write the report of a run as one HTML file.

    Verdict, data, offline gate, rollout, cost and timeline.
    """
    from cli.report.as_json import report_of
    from cli.report.file import write_report  # plots would slow down every other command

    found = find(run, (stack, profile, region))
    line = found.line
    if as_json:
        print_json(report_of(found.sources.facts(line)))
        return
    with step(f"Report of {line.run_id or line.source}"):
        path = write_report(found.sources, line, output)
    say(f"{line.state}: {path}")
    if open_it:
        webbrowser.open(path.resolve().as_uri())
