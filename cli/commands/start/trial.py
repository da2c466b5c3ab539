"""`switchyard try`: the whole line, on a file of yours."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from cli.commands.start.options import Columns, Mistakes, Model, ProblemName, Target
from cli.display import console, fail, reporting, say, step
from cli.local.bring_up import bring_up
from cli.records.ledger import Line
from cli.stack.home import Home
from cli.stack.stack import Stack
from cli.start.begin import Asked, begin
from cli.start.file_look import FileLook
from cli.start.questions import model_name
from cli.start.trial import HALF, Trial
from cli.start.uploads import upload_pipeline

UNIQUE = 5  # signs that make a trial's model its own: the same data twice would be one run


@reporting
def trial(
    file: Annotated[Path, typer.Argument(help="Your data: a table with a header.")],
    model: Model = "",
    target: Target = "",
    problem: ProblemName = "",
    mistakes: Mistakes = "",
    column: Columns = None,
    requests_per_second: Annotated[
        float, typer.Option(min=1, max=1000, help="Live requests, made of the file's rows.")
    ] = 200.0,
    output: Annotated[Path, typer.Option(help="The folder that gets the two reports.")] = Path(),
) -> None:
    """Half of a file becomes a live model, all of it a challenger under live requests; ends in two reports.

    All on the local stack, which is started if it does not run. Example: switchyard try churn.csv --target left
    """
    if not output.is_dir():
        raise fail(f"{output} is no folder.", "Make it, or name another with --output.", 2)
    asked = Asked(model or _own_name(file), target, problem, mistakes, tuple(column or ()))
    begun = begin(asked, file, every=HALF, is_trial=True)
    for sentence in begun.sentences(output):
        say(sentence)
    stack = bring_up(Home.locate(), step).stack
    name, beginning = begun.beginning.model, begun.beginning
    upload_pipeline(stack, name, beginning.text(output))
    _play(
        Trial(stack, name, beginning.target, FileLook(file, beginning.dialect, beginning.columns)),
        requests_per_second,
        output,
    )


def _play(trial: Trial, requests_per_second: float, output: Path) -> None:
    with console.status("Half of the rows arrive ...") as shown:
        line = trial.first(lambda state: shown.update(f"Half of the rows: {escape(state)}"))
    _tell(trial.stack, "Half of the rows", line, output)
    if line.state == "PROMOTED":
        with console.status("All of the rows arrive ...") as shown:
            line, clients = trial.second(
                requests_per_second, lambda state: shown.update(f"All of the rows: {escape(state)}")
            )
        _tell(trial.stack, "All of the rows", line, output)
        report = clients.snapshot()
        say(f"{report.requests:,} live requests were answered meanwhile; {report.error_count:,} failed.")
    say(
        f"Next: `switchyard why {trial.model}`, `switchyard console --open`; `switchyard down` stops the stack."
    )
    if line.state in ("INVALID", "FAILED", "ABORTED"):
        raise typer.Exit(1)


def _tell(stack: Stack, title: str, line: Line, output: Path) -> None:
    from cli.report.file import write_report  # plots would slow down every other command
    from cli.report.sources import sources_of

    say(f"{title}: {line.state}. {line.reason}")
    if line.run_id:
        say(f"  Report: {write_report(sources_of(stack), line, output)}")


def _own_name(file: Path) -> str:
    return f"{model_name('', file, most=18)}-{secrets.token_hex(3)[:UNIQUE]}"
