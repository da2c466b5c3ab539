"""`switchyard abort`: a run that is under way is stopped, and the champion keeps everything."""

from __future__ import annotations

from cli.commands.options import Profile, Reason, Region, StackName, Wanted, connect
from cli.display import reporting, say
from cli.records.chosen import chosen_run


@reporting
def abort(
    run: Wanted, reason: Reason, stack: StackName = "", profile: Profile = "", region: Region = ""
) -> None:
    """Stop a run: it ends ABORTED with your reason, and all live traffic is the champion's again."""
    from cli.report.sources import sources_of
    from cli.requests.abort import abort as stop

    access = connect(stack, profile, region, may_change=True)
    line = chosen_run(access, sources_of(access), run)
    stop(access, line, reason)
    say(f"{line.run_id}: stopped. It settles as ABORTED within moments; see `switchyard runs`.")
