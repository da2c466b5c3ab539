"""`switchyard init`: a model begins with a look at a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.commands.options import AsJson, Profile, Region, StackName, connect
from cli.commands.start.options import Columns, Mistakes, Model, ProblemName, Target
from cli.display import fail, print_json, reporting, say
from cli.records.follow import arrived
from cli.records.ledger import Line
from cli.start.begin import Asked, begin
from cli.start.questions import can_ask
from cli.start.uploads import upload_dataset, upload_pipeline

ARRIVAL_SECONDS = 60.0  # an upload is on record within seconds


@reporting
def init(
    file: Annotated[Path | None, typer.Argument(help="Your data: a table with a header.")] = None,
    model: Model = "",
    target: Target = "",
    problem: ProblemName = "",
    mistakes: Mistakes = "",
    column: Columns = None,
    output: Annotated[Path, typer.Option(help="Where to write.")] = Path("pipeline.yaml"),
    force: Annotated[bool, typer.Option(help="Write over a file that is there.")] = False,
    upload: Annotated[
        bool | None,
        typer.Option(
            help="Upload both, which starts a run; without the option you are asked, if you can be."
        ),
    ] = None,
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """Look at a file and write its pipeline.yaml.

    Asks what it cannot infer, and says how many rows and requests a verdict needs.
    """
    if output.exists() and not force:
        raise fail(f"{output} is there already.", "Name another place with --output, or say --force.", 2)
    begun = begin(Asked(model, target, problem, mistakes, tuple(column or ())), file)
    text, name = begun.beginning.text(output.parent), begun.beginning.model
    told = list(begun.sentences(output.parent))
    for sentence in told:
        say(sentence)
    _write(output, text)
    say(f"Written: {output}, of model {name}.")
    dropped: dict[str, Any] = {}
    if file is not None and (_wanted() if upload is None else upload):
        access = connect(stack, profile, region, may_change=True)
        say(f"Uploaded: {upload_pipeline(access, name, text)}")
        key = upload_dataset(access, name, file.name, file)
        line = arrived(access, name, key, ARRIVAL_SECONDS)
        _tell(line, name, key)
        dropped = {"key": key, "run": line.run_id if line else "", "state": line.state if line else ""}
    else:
        say(
            f"Next: upload it as {name}/pipeline.yaml to the artifact bucket, then drop data under {name}/train/ of "
            f"the data bucket; or run this again with --force --upload."
        )
    if as_json:
        print_json({"model": name, "pipeline": str(output), "told": told, "dropped": dropped or None})


def _wanted() -> bool:
    return can_ask() and typer.confirm("Upload both now?", err=True)


def _tell(line: Line | None, model: str, key: str) -> None:
    """What became of the drop: a run that has begun, or a verdict at the door."""
    if line is None:
        say(f"Dropped: {key}. `switchyard runs --model {model}` says what became of it.")
    elif line.run_id:
        say(f"Dropped: {key}. Run {line.run_id}: watch it with `switchyard watch {line.run_id}`.")
    else:
        raise fail(
            f"Dropped: {key}. {line.state}: {line.reason}", "Correct what it names, then drop it again."
        )


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as refused:
        raise fail(
            f"{output} cannot be written: {refused.strerror}.", "Name another place with --output."
        ) from None
