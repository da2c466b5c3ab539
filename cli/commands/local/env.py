"""`switchyard env`: variables with which other tools talk to the local stack."""

from __future__ import annotations

import shlex

import typer

from cli.commands.options import AsJson
from cli.display import print_json, reporting
from cli.stack.stack import Stack


@reporting
def env(as_json: AsJson = False) -> None:
    """Print export lines for the AWS CLI, boto3 and the SageMaker SDK."""
    variables = Stack.load().environment()
    if as_json:
        print_json(variables)
        return
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}" if value else f"unset {name}")
