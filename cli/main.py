"""The command line: one command a file in cli/commands, registered here in the order in which people meet them."""

from __future__ import annotations

from collections.abc import Callable

import typer

from cli.commands.console import console
from cli.commands.demo import demo
from cli.commands.demo_all import demo_all
from cli.commands.down import down
from cli.commands.env import env
from cli.commands.image import image
from cli.commands.plan import plan
from cli.commands.replay import replay
from cli.commands.report import report
from cli.commands.rollback import rollback
from cli.commands.run import run
from cli.commands.runs import runs
from cli.commands.simulate import simulate
from cli.commands.status import status
from cli.commands.sweep import sweep
from cli.commands.up import up
from cli.commands.watch import watch

app = typer.Typer(
    name="switchyard",
    help="Drop data into a bucket. Either a better model is live, or you know exactly why not.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

COMMANDS: tuple[Callable[..., None], ...] = (demo, demo_all, up, status, run, runs, report, watch, console)
COMMANDS += (rollback, sweep, env, down, plan, simulate, replay)

for _command in COMMANDS:
    app.command()(_command)

app.add_typer(image, name="image")


if __name__ == "__main__":
    app()
