"""`switchyard sweep`: what events lost, found now instead of within 15 minutes."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.commands.options import AsJson, Profile, Region, StackName, connect
from cli.display import print_json, reporting, say
from cli.requests.sweep import run_sweep


@reporting
def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is wrong, change nothing.")] = False,
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """Find and repair what lost events left behind.

    Unsettled runs, endpoints between two models, leftovers.
    """
    lines = run_sweep(connect(stack, profile, region, may_change=True), dry_run=dry_run)
    for line in lines or ["Nothing is wrong."]:
        say(line)
    if as_json:
        print_json({"done": lines})
