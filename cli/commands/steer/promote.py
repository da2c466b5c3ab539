"""`switchyard promote`: the challenger gets everything, before the evidence asks for it."""

from __future__ import annotations

from cli.commands.options import Profile, Reason, Region, StackName, Wanted
from cli.commands.steer.order import carry_out
from cli.display import reporting
from switchyard.rollout.rules.steering import Order


@reporting
def promote(
    run: Wanted, reason: Reason, stack: StackName = "", profile: Profile = "", region: Region = ""
) -> None:
    """Give the challenger all traffic now, recorded as an override with your reason. A rollback verdict is stronger."""
    carry_out(
        Order.PROMOTE,
        "gets everything at the next look, unless the evidence asks for a rollback",
        run,
        reason,
        (stack, profile, region),
    )
