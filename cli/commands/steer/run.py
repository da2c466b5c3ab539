"""`switchyard run`: retrain now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.options import AsJson, Profile, Region, StackName, connect
from cli.display import fail, print_json, reporting, say
from cli.requests.retrain import retrain
from cli.start.uploads import upload_pipeline


@reporting
def run(
    model: Annotated[str, typer.Argument(help="The model's name.")],
    dataset: Annotated[
        str,
        typer.Option(
            help="A file of a table, s3://bucket/key.csv or s3://bucket/folder/. Default: the newest drop."
        ),
    ] = "",
    pipeline: Annotated[
        Path | None,
        typer.Option(help="A changed pipeline.yaml: uploaded first, in place of the model's own."),
    ] = None,
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """Retrain a model now, on the newest data or on data that you name.

    Also if that data was judged before.
    """
    access = connect(stack, profile, region, may_change=True)
    if pipeline is not None:
        say(f"Uploaded: {upload_pipeline(access, model, _text(pipeline))}")
    answer = retrain(access, model, dataset)
    if not answer.run_id:
        raise fail(
            answer.became.removeprefix("INVALID: "),
            "Correct what it names; the data that was dropped stays where it is.",
        )
    say(f"{answer.run_id}: {answer.became.removesuffix(f' {answer.run_id}')}.")
    say(
        f"Watch it with `switchyard watch {answer.run_id}`, or see how it ended with `switchyard runs --model {model}`."
    )
    if as_json:
        print_json({"run": answer.run_id, "became": answer.became})


def _text(pipeline: Path) -> str:
    try:
        return pipeline.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as refused:
        raise fail(f"{pipeline} cannot be read: {refused}.", "Name a pipeline.yaml in UTF-8.", 2) from None
