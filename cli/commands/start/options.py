"""What `init` and `try` ask, as options: with them no question is left."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.start.needs import ALIKE, DIFFER

Model = Annotated[str, typer.Option(help="The model's name; default: after the file.")]
Target = Annotated[str, typer.Option(help="The column to predict.")]
ProblemName = Annotated[
    str, typer.Option("--problem", help="binary, multiclass or regression; default: read off the target.")
]
Mistakes = Annotated[
    str, typer.Option(help=f"{ALIKE}: all mistakes cost about the same; {DIFFER}: some kinds cost much more.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="NAME=KIND, where the file misleads: number, boolean, category, text, date or ignored.",
    ),
]
