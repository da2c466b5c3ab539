"""`switchyard image push`: our images into an account's registry, by Docker or by CodeBuild."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import boto3
import typer

from cli.commands.options import AsJson
from cli.display import print_json, reporting, say, step
from cli.examples import example
from cli.image import by_codebuild, by_docker
from cli.image.target import Target
from cli.stack.home import REPOSITORY

image = typer.Typer(
    name="image", add_completion=False, help="Bring an image of this repository to AWS.", no_args_is_help=True
)


class Of(StrEnum):
    """model: trains and serves. dataset: checks and prepares large tables."""

    MODEL = "model"
    DATASET = "dataset"


DOCKERFILES = {Of.MODEL: "container/Dockerfile", Of.DATASET: "container/dataset.Dockerfile"}


@image.callback()
def of_the_container() -> None:
    """Bring an image of this repository to AWS. The local stack needs none: there they run from their folders."""


@image.command(epilog=example("image push"))
@reporting
def push(
    account: Annotated[str, typer.Option(help="The account that you mean; other credentials are refused.")],
    region: Annotated[str, typer.Option(help="Where the stack is deployed.")],
    stack: Annotated[str, typer.Option(help="The deployed CloudFormation stack.")] = "switchyard",
    tag: Annotated[str, typer.Option(help="Tags are immutable: a new image takes a new one.")] = "1",
    of: Annotated[
        Of, typer.Option(help="model: trains and serves; dataset: prepares large tables.")
    ] = Of.MODEL,
    codebuild: Annotated[
        bool, typer.Option("--codebuild", help="Build there also where Docker is here.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build an image and push it to the stack's ECR repository."""
    target = Target(boto3.session.Session(), account, region, stack)
    target.check()
    by = by_codebuild if codebuild or not by_docker.is_here() else by_docker
    with step(f"Building and pushing with {'CodeBuild' if by is by_codebuild else 'Docker'}"):
        address = by.push(target, REPOSITORY, DOCKERFILES[of], f"dataset-{tag}" if of is Of.DATASET else tag)
    name = address.partition("/")[2]
    said = f"name it in pipeline.yaml, training.image: {name}"
    if of is Of.DATASET:
        said = f"deploy the stack with DatasetImage={name}"
    say(f"{address}\nNext: {said}")
    if as_json:
        print_json({"address": address})
