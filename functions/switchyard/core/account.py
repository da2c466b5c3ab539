"""What the owner of the account asks of everything that runs create in SageMaker: network, key and tags."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from switchyard.core.pipeline import Network, Pipeline

OURS = "switchyard:"
PROJECT, MODEL, RUN = (f"{OURS}{word}" for word in ("project", "model", "run"))
MOST_TAGS = 50  # "up to 50 tags": TagList


@dataclass(frozen=True)
class Account:
    """The stack's parameters; a model's own network and tags go before them. project: the stack's prefix. mlflow: the
    ARN of the tracking server that training jobs are told of.
    """

    project: str = ""
    key: str = ""
    network: Network = field(default_factory=Network)
    tags: Mapping[str, str] = field(default_factory=dict)
    mlflow: str = ""

    def network_of(self, pipeline: Pipeline) -> Network:
        """The model's subnets instead of the stack's; isolation where either asks for it."""
        own = pipeline.network
        placed = own if own.subnets else self.network
        return Network(placed.subnets, placed.security_groups, own.isolation or self.network.isolation)

    def tags_of(self, pipeline: Pipeline, run_id: str = "") -> dict[str, str]:
        """run_id: "" for what belongs to no run."""
        ours = {PROJECT: self.project, MODEL: pipeline.name} | ({RUN: run_id} if run_id else {})
        return {**self.tags, **pipeline.tags, **ours}

    def endpoint_tags(self, endpoint: str, of_config: Mapping[str, str]) -> dict[str, str]:
        """Those of its config; a live endpoint outlasts the run that it begins with, and does not carry its name."""
        kept = {key: value for key, value in of_config.items() if not key.startswith("aws:")}
        if kept.get(RUN, "") not in endpoint:
            kept.pop(RUN)
        return {**self.tags, PROJECT: self.project, **kept}


def account_of(variables: Mapping[str, str]) -> Account:
    """From a function's environment, as the template writes it; what is not there is not asked for."""
    words = {
        name: tuple(variables[name].split(",")) if variables.get(name) else ()
        for name in ("SUBNET_IDS", "SECURITY_GROUP_IDS", "RESOURCE_TAGS")
    }
    is_isolated = variables.get("NETWORK_ISOLATION") == "true"
    network = Network(words["SUBNET_IDS"], words["SECURITY_GROUP_IDS"], is_isolated)
    tags = dict(each.split("=", 1) for each in words["RESOURCE_TAGS"])
    key, mlflow = (variables.get(name, "") for name in ("KMS_KEY_ARN", "MLFLOW_ARN"))
    return Account(variables.get("PREFIX", ""), key, network, tags, mlflow)
