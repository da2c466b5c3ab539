"""`switchyard approve`: a person's yes to a model that waits for it."""

from __future__ import annotations

from cli.commands.options import Profile, Reason, Region, StackName, Wanted
from cli.commands.steer.order import tell_registry
from cli.display import reporting
from cli.requests.approval import Answer


@reporting
def approve(
    run: Wanted, reason: Reason, stack: StackName = "", profile: Profile = "", region: Region = ""
) -> None:
    """Let a model that waits for a person's approval go on to its rollout."""
    tell_registry(Answer.APPROVED, run, reason, (stack, profile, region))
