"""`switchyard check`: does what must hold of every model hold now?"""

from __future__ import annotations

import typer

from cli.commands.options import Profile, Region, StackName, connect
from cli.display import reporting, say
from cli.records.model_views import dead_letters, everything
from switchyard.closing.rules.invariants import check as broken
from switchyard.closing.rules.leftover_invariants import check_queues


@reporting
def check(stack: StackName = "", profile: Profile = "", region: Region = "") -> None:
    """Check what must hold of ledger, endpoints, storage and records; exit status 1 where something does not."""
    access = connect(stack, profile, region)
    found = [each for seen in everything(access) for each in broken(seen)] + check_queues(
        dead_letters(access)
    )
    for each in found:
        say(
            f"{each.model}: not so: {each.invariant}. {each.found}. Run `switchyard sweep`, then check again."
        )
    if found:
        raise typer.Exit(1)
    say("All that must hold holds.")
