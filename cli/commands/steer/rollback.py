"""`switchyard rollback`: back to a former champion, even days later."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.commands.options import AsJson, Profile, Reason, Region, StackName, connect
from cli.commands.steer.verb import answer
from cli.display import reporting, step
from cli.requests.rollback import EFFECT, champions, go_back


@reporting
def rollback(
    model: Annotated[str, typer.Argument(help="The model.")],
    to: Annotated[
        str, typer.Option(help="The run to go back to; without it, the champion before this one.")
    ] = "",
    reason: Reason = "an operator asked for it",
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """See EFFECT."""
    access = connect(stack, profile, region, may_change=True)
    before = champions(access, model)
    with step(f"Restoring {to or 'the champion before ' + before.now}"):
        after = go_back(access, model, to, reason)
    ways = ", ".join(after.former) or "none"
    answer("rollback", f"{model}: {after.now} serves; it was {before.now}. Ways back: {ways}.", as_json)


rollback.__doc__ = EFFECT
