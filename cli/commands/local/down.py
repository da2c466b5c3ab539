"""`switchyard down`: the local stack, stopped; with --purge, gone."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.commands.options import AsJson
from cli.display import print_json, reporting, say, step
from cli.local.bring_up import take_down
from cli.stack.home import Home


@reporting
def down(
    purge: Annotated[
        bool, typer.Option("--purge", help="Also remove the state folder: data, models, ledger.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Stop the local stack; it goes on where it was with `switchyard up`."""
    stopped = take_down(Home.locate(), step, purge=purge)
    if not stopped and not purge:
        say("Nothing was running.")
    if as_json:
        print_json({"stopped": stopped, "purged": purge})
