"""`switchyard approve`: a person's yes to a model that waits for it."""

from __future__ import annotations

from cli.commands.options import Profile, Reason, Region, StackName, Wanted, connect
from cli.display import reporting, say
from cli.records.chosen import chosen_run


@reporting
def approve(
    run: Wanted, reason: Reason, stack: StackName = "", profile: Profile = "", region: Region = ""
) -> None:
    """Let a model that waits for a person's approval go on to its rollout."""
    from cli.report.sources import sources_of
    from cli.requests.approval import Answer, answer

    access = connect(stack, profile, region, may_change=True)
    sources = sources_of(access)
    line = chosen_run(access, sources, run)
    answer(access, sources.ledger, line, Answer.APPROVED, reason)
    say(f"{line.run_id}: approved. Follow it with `switchyard watch {line.run_id}`.")
