"""What SageMaker cannot do in a VPC or without a network, and how many tags it takes."""

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
