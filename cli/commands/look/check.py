"""`switchyard check`: does what must hold of every model hold now?"""

from __future__ import annotations

from dataclasses import asdict

import typer

from cli.commands.options import AsJson, Profile, Region, StackName, connect
from cli.display import print_json, reporting, say
from cli.records.model_views import not_so


@reporting
def check(stack: StackName = "", profile: Profile = "", region: Region = "", as_json: AsJson = False) -> None:
    """Check what must hold of ledger, endpoints, storage and records.

    Exit code 1 where something does not.
    """
    found = not_so(connect(stack, profile, region))
    for each in found:
        say(
            f"{each.model}: not so: {each.invariant}. {each.found}. Run `switchyard sweep`, then check again."
        )
    if not found:
        say("All that must hold holds.")
    if as_json:
        print_json({"broken": [asdict(each) for each in found]})
    if found:
        raise typer.Exit(1)
