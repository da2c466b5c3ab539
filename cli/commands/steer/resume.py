"""`switchyard resume`: a rollout that was held goes on by its evidence."""

from __future__ import annotations

from cli.commands.options import Profile, Reason, Region, StackName, Wanted
from cli.commands.steer.order import carry_out
from cli.display import reporting
from switchyard.rollout.rules.steering import Order


@reporting
def resume(
    run: Wanted, reason: Reason, stack: StackName = "", profile: Profile = "", region: Region = ""
) -> None:
    """Let a rollout go on by its evidence alone again."""
    carry_out(Order.RESUME, "goes on by its evidence", run, reason, (stack, profile, region))
