"""A stack on which given models were never seen: the same dataset twice is one run, and a show wants a first time."""

from __future__ import annotations

from collections.abc import Collection

from cli.display import say, step
from cli.local.bring_up import bring_up, take_down
from cli.records.ledger import read_lines
from cli.stack.errors import StackError
from cli.stack.home import Home
from cli.stack.stack import Stack


def fresh_stack(own: Collection[str]) -> Stack:
    """The local stack, started; from nothing if it has seen one of `own`. StackError where it holds others."""
    home = Home.locate()
    stack = bring_up(home, step).stack
    models = {line.model for line in read_lines(stack)}
    others = ", ".join(sorted(models - set(own)))
    if others:
        raise StackError(
            f"This local stack holds other models: {others}.",
            "Give the demo its own: `SWITCHYARD_HOME=/tmp/switchyard-demo make demo`, or `switchyard down --purge`.",
        )
    if not models:
        return stack
    say("The last demo's runs are still here; the demo starts from nothing.")
    take_down(home, step, purge=True)
    return bring_up(home, step).stack
