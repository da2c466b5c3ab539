"""`switchyard hold`: a rollout stays at its step until it is resumed."""

from __future__ import annotations

from cli.commands.options import Profile, Reason, Region, StackName, Wanted
from cli.commands.steer.order import carry_out
from cli.display import reporting
from switchyard.rollout.rules.steering import Order


@reporting
def hold(
    run: Wanted, reason: Reason, stack: StackName = "", profile: Profile = "", region: Region = ""
) -> None:
    """Keep a rollout at its step: no step up and no promotion. A rollback and the deadline still count."""
    carry_out(
        Order.HOLD, "stays at this step until `switchyard resume`", run, reason, (stack, profile, region)
    )
