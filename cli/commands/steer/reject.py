"""`switchyard reject`: a person's no to a model that waits for it."""

from __future__ import annotations

from cli.commands.options import Profile, Reason, Region, StackName, Wanted, connect
from cli.display import reporting, say
from cli.records.chosen import chosen_run


@reporting
def reject(
    run: Wanted, reason: Reason, stack: StackName = "", profile: Profile = "", region: Region = ""
) -> None:
    """Refuse a model that waits for a person's approval: its run ends REJECTED."""
    from cli.report.sources import sources_of
    from cli.requests.approval import Answer, answer

    access = connect(stack, profile, region, may_change=True)
    sources = sources_of(access)
    line = chosen_run(access, sources, run)
    answer(access, sources.ledger, line, Answer.REJECTED, reason)
    say(f"{line.run_id}: rejected. Follow it with `switchyard watch {line.run_id}`.")
