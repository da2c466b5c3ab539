"""`switchyard rollback`: back to a champion of before, days later."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.display import reporting, say, step
from cli.requests.rollback import champions, go_back
from cli.stack.stack import Stack


@reporting
def rollback(
    model: Annotated[str, typer.Argument(help="The model.")],
    to: Annotated[
        str, typer.Option(help="The run to go back to; without it, the champion before this one.")
    ] = "",
    reason: Annotated[str, typer.Option(help="Kept in the decision record.")] = "an operator asked for it",
) -> None:
    """Make a champion of before the champion again and give it all traffic."""
    stack = Stack.load()
    before = champions(stack, model)
    with step(f"Restoring {to or 'the champion before ' + before.now}"):
        after = go_back(stack, model, to, reason)
    say(f"{model}: {after.now} serves; it was {before.now}. Ways back: {', '.join(after.former) or 'none'}.")
