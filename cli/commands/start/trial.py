"""`switchyard try`: the whole line, on a file of yours."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.commands.options import AsJson
from cli.commands.start.options import Columns, Mistakes, Model, ProblemName, Target
from cli.display import console, fail, print_json, reporting, say, step
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
    as_json: AsJson = False,
) -> None:
    """Take a file of yours through everything on the local stack.

    Half of its rows become a live model; all of them train a challenger, judged under live requests; two reports.

    The stack is started if it does not run.
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
    endings = _play(
        Trial(stack, name, beginning.target, FileLook(file, beginning.dialect, beginning.columns)),
        requests_per_second,
        output,
    )
    say(f"Next: `switchyard why {name}`, `switchyard console --open`; `switchyard down` stops the stack.")
    if as_json:
        print_json({"model": name, "runs": endings})
    if endings[-1]["state"] in ("INVALID", "FAILED", "ABORTED"):
        raise typer.Exit(1)


def _play(trial: Trial, requests_per_second: float, output: Path) -> list[dict[str, Any]]:
    """How each run ended."""
    with console.status("Half of the rows arrive ...") as shown:
        line = trial.first(lambda state: shown.update(f"Half of the rows: {escape(state)}"))
    endings = [_tell(trial.stack, "Half of the rows", line, output)]
    if line.state == "PROMOTED":
        with console.status("All of the rows arrive ...") as shown:
            line, clients = trial.second(
                requests_per_second, lambda state: shown.update(f"All of the rows: {escape(state)}")
            )
        report = clients.snapshot()
        seen = {"requests": report.requests, "failed": report.error_count}
        endings.append(_tell(trial.stack, "All of the rows", line, output) | seen)
        say(f"{report.requests:,} live requests were answered meanwhile; {report.error_count:,} failed.")
    return endings


def _tell(stack: Stack, title: str, line: Line, output: Path) -> dict[str, Any]:
    """Says how the run ended, and answers the same for programs."""
    from cli.report.file import write_report  # plots would slow down every other command
    from cli.report.sources import sources_of

    say(f"{title}: {line.state}. {line.reason}")
    report = str(write_report(sources_of(stack), line, output)) if line.run_id else ""
    if report:
        say(f"  Report: {report}")
    return {"run": line.run_id, "state": line.state, "reason": line.reason, "report": report}


def _own_name(file: Path) -> str:
    return f"{model_name('', file, most=18)}-{secrets.token_hex(3)[:UNIQUE]}"
