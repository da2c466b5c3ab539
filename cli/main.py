"""The command line: one command a file in cli/commands, registered here by what people want of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import typer

from cli.commands.decide.evaluate import evaluate
from cli.commands.decide.plan import plan
from cli.commands.decide.replay import replay
from cli.commands.decide.simulate import simulate
from cli.commands.decide.validate import validate
from cli.commands.local.demo import demo
from cli.commands.local.demo_all import demo_all
from cli.commands.local.down import down
from cli.commands.local.drill import drill
from cli.commands.local.env import env
from cli.commands.local.status import status
from cli.commands.local.up import up
from cli.commands.look.check import check
from cli.commands.look.console import console
from cli.commands.look.contract import contract, holdout
from cli.commands.look.doctor import doctor
from cli.commands.look.logs import logs
from cli.commands.look.report import report
from cli.commands.look.runs import runs
from cli.commands.look.show import show
from cli.commands.look.watch import watch
from cli.commands.look.why import why
from cli.commands.start.init import init
from cli.commands.start.send import send
from cli.commands.start.trial import trial
from cli.commands.steer.abort import abort
from cli.commands.steer.approve import approve
from cli.commands.steer.hold import hold
from cli.commands.steer.image import image
from cli.commands.steer.promote import promote
from cli.commands.steer.reject import reject
from cli.commands.steer.resume import resume
from cli.commands.steer.retry import retry
from cli.commands.steer.rollback import rollback
from cli.commands.steer.run import run
from cli.commands.steer.step import step
from cli.commands.steer.sweep import sweep
from cli.examples import example

app = typer.Typer(
    name="switchyard",
    help="Drop data into a bucket. Either a better model is live, or you know exactly why not.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)

GROUPS: Mapping[str, tuple[Callable[..., None], ...]] = {
    "Begin": (demo, trial, init, send, demo_all),
    "See": (console, runs, show, why, watch, report, logs, contract, holdout),
    "Steer": (run, approve, reject, hold, resume, step, promote, abort, retry, rollback),
    "Before a run": (validate, plan, evaluate, simulate, replay),
    "The local stack": (up, status, env, down, drill),
    "Look after a stack": (doctor, check, sweep),
}
NAMES = {trial: "try"}  # the word is Python's own

for _group, _commands in GROUPS.items():
    for _command in _commands:
        _name = NAMES.get(_command, _command.__name__.replace("_", "-"))
        app.command(_name, epilog=example(_name), rich_help_panel=_group)(_command)

app.add_typer(image, name="image", rich_help_panel="Look after a stack")


if __name__ == "__main__":
    app()
