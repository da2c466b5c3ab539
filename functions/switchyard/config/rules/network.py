"""What SageMaker cannot do in a VPC or without a network, how many tags it takes, and which jobs it tells of MLflow."""

from collections.abc import Iterator

from switchyard.config.rules.combinations import Refusal
from switchyard.core.account import MOST_TAGS, Account
from switchyard.core.pipeline import SERVERLESS, Pipeline

_BY_NETWORK = ("{input_s3}", "{output_s3}")


def network_refusals(pipeline: Pipeline, account: Account) -> Iterator[Refusal]:
    """Every reason to refuse, with the stack's parameters beside what the file says."""
    network = account.network_of(pipeline)
    if pipeline.deployment.mode == SERVERLESS and (network.subnets or network.isolation):
        yield Refusal(  # "Feature exclusions" of serverless endpoints
            "deployment.mode",
            "serverless endpoints have neither a VPC nor network isolation, and the stack or `network` asks for one",
            "use mode realtime, or a stack without SubnetIds and NetworkIsolation",
        )
    if network.isolation:
        yield from _isolated(pipeline)
    if pipeline.training.mlflow_experiment:
        yield from _tracked(pipeline, account, network.isolation)
    count = len(account.tags_of(pipeline, pipeline.name))
    if count > MOST_TAGS:
        yield Refusal(
            "tags",
            f"a resource takes {MOST_TAGS} tags, and with the stack's and our own these are {count}",
            "leave some out",
        )


def _isolated(pipeline: Pipeline) -> Iterator[Refusal]:
    """ "No inbound or outbound network calls can be made" (EnableNetworkIsolation)."""
    if pipeline.training.kind == "script":
        yield Refusal(
            "training.kind",
            "the containers of script mode fetch their code from S3, and network isolation forbids it",
            "use kind container or builtin, or a stack without NetworkIsolation",
        )
    prepare = pipeline.prepare
    if prepare and any(place in word for word in prepare.arguments for place in _BY_NETWORK):
        yield Refusal(
            "prepare.arguments",
            "an isolated processing job cannot reach S3 by itself",
            "use {input} and {output} on one instance, which SageMaker copies",
        )


def _tracked(pipeline: Pipeline, account: Account, is_isolated: bool) -> Iterator[Refusal]:
    """CreateTrainingJob alone has a MlflowConfig, and its container speaks to the server over the network."""
    name = "training.mlflow_experiment"
    if account.project and not account.mlflow:  # of a file alone nobody knows the stack
        yield Refusal(name, "the stack has no MLflow server", "deploy it with MlflowArn, or leave it out")
    if pipeline.tuning:
        yield Refusal(
            name, "SageMaker tells tuning jobs of no MLflow server", "leave it out, or leave out `tuning`"
        )
    if is_isolated:
        yield Refusal(
            name, "an isolated container reaches no MLflow server", "leave it out, or do not isolate it"
        )
