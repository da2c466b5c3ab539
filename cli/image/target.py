"""The account that an image is pushed to: named by its owner, and checked before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from cli.stack.errors import StackError


@dataclass(frozen=True)
class Target:
    """One deployed stack in one account and region."""

    session: boto3.session.Session
    account: str
    region: str
    stack: str

    def client(self, service: str) -> Any:
        return self.session.client(service, region_name=self.region)  # type: ignore[call-overload]

    def check(self) -> None:
        """StackError where the credentials at hand are another account's."""
        found = self.client("sts").get_caller_identity()["Account"]
        if found != self.account:
            raise StackError(
                f"The credentials at hand are those of account {found}, not of {self.account}.",
                "Choose others (AWS_PROFILE), or name that account.",
            )

    def registry(self) -> str:
        return f"{self.account}.dkr.ecr.{self.region}.amazonaws.com"

    def resources(self) -> Mapping[str, str]:
        """Physical names by logical ones."""
        found = self.client("cloudformation").describe_stack_resources(StackName=self.stack)["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}

    def resource(self, logical: str) -> str:
        found = self.resources()
        if logical not in found:
            raise StackError(
                f"Stack {self.stack} in {self.region} has no {logical}.",
                "Deploy it with an ImageRepositoryName: `sam deploy --guided`.",
            )
        return found[logical]
