"""A deployed stack, as the checks ask for it: its clients, outputs and resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.stack.access import Access


@dataclass(frozen=True)
class Resource:
    """logical: its name in template.yaml. name: its physical id. status: CloudFormation's."""

    logical: str
    kind: str
    name: str
    status: str


@dataclass(frozen=True)
class Deployment:
    """is_local: the stack of this machine, where accounts, quotas and registries are nobody's concern."""

    access: Access
    resources: Sequence[Resource]
    is_local: bool = False

    def of(self, kind: str) -> list[Resource]:
        return [each for each in self.resources if each.kind == kind]

    @property
    def outputs(self) -> Mapping[str, str]:
        return self.access.outputs


def load(access: Access, name: str, is_local: bool = False) -> Deployment:
    """Every resource of the CloudFormation stack `name`."""
    pages = access.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
    found = [
        Resource(
            each["LogicalResourceId"],
            each["ResourceType"],
            each.get("PhysicalResourceId", ""),
            each["ResourceStatus"],
        )
        for page in pages
        for each in page["StackResourceSummaries"]
    ]
    return Deployment(access, found, is_local)
