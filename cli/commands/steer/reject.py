"""`switchyard reject`: a person's no to a model that waits for it."""

from __future__ import annotations

from cli.commands.options import Profile, Reason, Region, StackName, Wanted
from cli.commands.steer.order import tell_registry
from cli.display import reporting
from cli.requests.approval import Answer


@reporting
def reject(
    run: Wanted, reason: Reason, stack: StackName = "", profile: Profile = "", region: Region = ""
) -> None:
    """Refuse a model that waits for a person's approval: its run ends REJECTED."""
    tell_registry(Answer.REJECTED, run, reason, (stack, profile, region))
