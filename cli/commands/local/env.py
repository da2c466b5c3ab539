"""`switchyard env`: variables with which other tools talk to the local stack."""

from __future__ import annotations

import json
import shlex
from typing import Annotated

import typer

from cli.display import reporting
from cli.stack.stack import Stack


@reporting
def env(
    as_json: Annotated[
        bool, typer.Option("--json", help="As a JSON object instead of export lines.")
    ] = False,
) -> None:
    """Print export lines for the AWS CLI, boto3 and the SageMaker SDK: eval "$(switchyard env)"."""
    variables = Stack.load().environment()
    if as_json:
        typer.echo(json.dumps(variables, indent=2))
        return
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}" if value else f"unset {name}")
