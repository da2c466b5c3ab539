"""`switchyard abort`: a run that is under way is stopped, and the champion keeps everything."""

from __future__ import annotations

from cli.commands.found import find_run
from cli.commands.options import Profile, Reason, Region, StackName, Wanted
from cli.display import reporting, say


@reporting
def abort(
    run: Wanted, reason: Reason, stack: StackName = "", profile: Profile = "", region: Region = ""
) -> None:
    """Stop a run: it ends ABORTED with your reason, and all live traffic is the champion's again."""
    from cli.requests.abort import abort as stop

    found = find_run(run, (stack, profile, region))
    stop(found.access, found.line, reason)
    say(f"{found.line.run_id}: stopped. It settles as ABORTED within moments; see `switchyard runs`.")
