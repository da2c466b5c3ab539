"""`switchyard run`: retrain now."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.display import fail, reporting, say
from cli.requests.retrain import retrain
from cli.stack.stack import Stack


@reporting
def run(
    model: Annotated[str, typer.Argument(help="The model's name.")],
    dataset: Annotated[
        str,
        typer.Option(
            help="A .csv file, s3://bucket/key.csv or s3://bucket/folder/. Default: the newest drop."
        ),
    ] = "",
) -> None:
    """Retrain a model now, on the newest data or on the data that you name, also if they were judged before."""
    answer = retrain(Stack.load(), model, dataset)
    if not answer.run_id:
        raise fail(
            answer.became.removeprefix("INVALID: "),
            "Mend what it names; the data that was dropped stays where it is.",
        )
    say(f"{answer.run_id}: {answer.became}")
    say(
        f"Watch it with `switchyard watch {answer.run_id}`, or see how it ended with `switchyard runs --model {model}`."
    )
