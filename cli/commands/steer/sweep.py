"""`switchyard sweep`: what events lost, found now instead of within 15 minutes."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.display import reporting, say
from cli.local.recover import run_sweep
from cli.stack.stack import Stack


@reporting
def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is amiss, change nothing.")] = False,
) -> None:
    """Find and mend what events lost: unsettled runs, endpoints between two models, leftovers."""
    lines = run_sweep(Stack.load(), dry_run=dry_run)
    for line in lines or ["Nothing is amiss."]:
        say(line)
