"""A model's own roles on the local stack: those of model-roles.yaml, made when one is first taken on.

On AWS a person deploys that template for each model. Lives in MiniStack's environment, which has PyYAML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).resolve().parents[2] / "model-roles.yaml"
ROLE = re.compile(
    r"arn:(aws[\w-]*):iam::(\d{12}):role/switchyard/([a-z][a-z0-9]{1,14})-([a-z0-9-]{1,24})-(?:training|processing|dataset|hosting)"
)


class _Loader(yaml.SafeLoader):
    """Plain data; of CloudFormation's short forms !Sub alone is looked into, the others are kept as their text."""


_Loader.add_multi_constructor("!", lambda loader, _suffix, node: _plain(loader, node))


def _plain(loader: _Loader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    return loader.construct_sequence(node, deep=True)  # type: ignore[arg-type]  # no short form here has a mapping


@cache
def _template() -> str:
    return TEMPLATE.read_text()


def own_role(arn: str, region: str) -> tuple[str, dict[str, str]] | None:
    """(trust, policies by name) of a model's own role, as JSON; None for the ARN of any other role."""
    found = ROLE.fullmatch(arn)
    if found is None:
        return None
    partition, account, prefix, model = found.groups()
    filled = {
        "AWS::Partition": partition,
        "AWS::AccountId": account,
        "AWS::Region": region,
        "Prefix": prefix,
        "Model": model,
    }
    text = re.sub(r"\$\{([\w:]+)\}", lambda match: filled[match.group(1)], _template())
    loader = _Loader(text.replace("!Ref AWS::AccountId", f'"{account}"'))
    document = loader.get_single_data()
    return _of(document["Resources"], arn.rpartition("/")[2])


def _of(resources: Mapping[str, Any], name: str) -> tuple[str, dict[str, str]]:
    [(logical, role)] = [
        (logical, body["Properties"])
        for logical, body in resources.items()
        if body["Properties"].get("RoleName") == name
    ]
    documents = dict(_policies(resources, logical))
    return json.dumps(role["AssumeRolePolicyDocument"]), documents


def _policies(resources: Mapping[str, Any], role: str) -> Iterator[tuple[str, str]]:
    """Its own, and those that stand beside it; what depends on a VPC is none of a machine that has none."""
    for policy in resources[role]["Properties"]["Policies"]:
        yield policy["PolicyName"], json.dumps(policy["PolicyDocument"])
    for body in resources.values():
        if (
            body["Type"] == "AWS::IAM::Policy"
            and role in body["Properties"]["Roles"]
            and "Condition" not in body
        ):
            yield body["Properties"]["PolicyName"], json.dumps(body["Properties"]["PolicyDocument"])
