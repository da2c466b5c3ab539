"""`switchyard logs`: what a run's jobs, servers and functions printed, or what a model's live servers print."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.commands.options import AsJson, Profile, Region, StackName, connect
from cli.display import print_json, printable, reporting, say
from cli.records.chosen_run import chosen_run
from cli.records.ledger import read_lines
from cli.stack.access import prefix_of
from switchyard.core.names import Names


@reporting
def logs(
    wanted: Annotated[str, typer.Argument(help="A run id, a dataset, or a model for its live servers.")],
    last: Annotated[int, typer.Option(min=1, help="Only the newest lines.")] = 200,
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """Print the logs of a run, or of a model's servers, oldest first.

    Of a run: preparation, training, servers and functions in one stream.
    """
    from cli.records.logs import read_logs, sources_of_model, sources_of_run
    from cli.report.sources import sources_of

    access = connect(stack, profile, region)
    if wanted in {line.model for line in read_lines(access)}:
        sources = sources_of_model(Names(prefix_of(access), wanted, ""))
    else:
        line = chosen_run(access, sources_of(access), wanted)
        sources = sources_of_run(Names(prefix_of(access), line.model, line.run_id))
    found = read_logs(access.client("logs"), sources, last)
    if as_json:
        print_json({"lines": [asdict(each) for each in found]})
        return
    for each in found:
        when = datetime.fromtimestamp(each.at, UTC).isoformat(timespec="milliseconds")[11:23]
        typer.echo(f"{when} {each.source}: {printable(each.text)}")
    if not found:
        say(f"Nothing was printed for {wanted} yet, or its logs have expired.")
