"""template.yaml as CloudFormation gets it, after SAM's transform."""

import os
from copy import deepcopy
from typing import Any

from samtranslator.translator.transform import transform

from tests.contract.cloudformation import template

UPLOADED = ("CodeUri", "ContentUri", "DefinitionUri")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # the transform writes it nowhere, but asks for one
PLACE = "s3://bucket/key"  # where `sam package` would have put it


class ManagedPolicies:
    """What SAM asks IAM for: the two policies that it adds to the roles of functions."""

    def load(self) -> dict[str, str]:
        names = ("AWSLambdaBasicExecutionRole", "AWSLambdaSQSQueueExecutionRole")
        return {name: f"arn:aws:iam::aws:policy/service-role/{name}" for name in names}


def expanded() -> dict[str, Any]:
    document = deepcopy(template())
    for properties in (document["Globals"]["Function"], *map(_properties, document["Resources"].values())):
        properties.update({key: PLACE for key in UPLOADED if key in properties})
    made: dict[str, Any] = transform(document, {}, ManagedPolicies())
    return made


def _properties(resource: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = resource.get("Properties", {})
    return found
