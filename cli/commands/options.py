"""Options that many commands share: which stack, and whether the answer is JSON."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.stack.access import DeployedStack
from cli.stack.stack import Stack

StackName = Annotated[
    str,
    typer.Option("--stack", help="A CloudFormation stack in your AWS account; without it the local stack."),
]
Profile = Annotated[str, typer.Option(help="With --stack: the AWS profile.")]
Region = Annotated[str, typer.Option(help="With --stack: the AWS region.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON object on standard output; all else on standard error.")
]
Wanted = Annotated[
    str,
    typer.Argument(help="Run id, model, or a dataset as `switchyard runs` shows it; without one the newest."),
]
Steered = Annotated[
    str,
    typer.Argument(help="Run id, a dataset as `switchyard runs` shows it, or a model for its newest run."),
]

Reason = Annotated[str, typer.Option(help="Why; kept in the decision record.")]


def connect(
    name: str, profile: str = "", region: str = "", *, may_change: bool = False
) -> Stack | DeployedStack:
    """The named stack of an account, or the local one."""
    return DeployedStack.load(name, profile, region, may_change) if name else Stack.load()
