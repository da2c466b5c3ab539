"""`switchyard step`: a rollout goes one step up, before the evidence asks for it."""

from __future__ import annotations

from cli.commands.options import Profile, Reason, Region, StackName, Wanted
from cli.commands.steer.order import carry_out
from cli.display import reporting
from switchyard.rollout.rules.steering import Order


@reporting
def step(
    run: Wanted, reason: Reason, stack: StackName = "", profile: Profile = "", region: Region = ""
) -> None:
    """Take a rollout one declared step up now. A rollback still counts."""
    carry_out(Order.STEP, "goes one step up at the next look", run, reason, (stack, profile, region))
