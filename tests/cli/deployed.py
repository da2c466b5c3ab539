"""A running stack for the tests of commands: its services are moto's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3

from switchyard.aws.items import DynamoItems
from switchyard.aws.storage import S3Storage
from tests.cli.settled_runs import Desk
from tests.contract.cloudformation import resources
from tests.quick_moto import mock_aws

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:switchyard-retrain"
OUTPUTS = {
    "LedgerTableName": "ledger",
    "ArtifactBucketName": "artifacts",
    "DataBucketName": "data",
    "RetrainMachineArn": MACHINE,
}


@dataclass
class Deployed:
    """As the commands see it; clients are made when they are asked for."""

    outputs: Mapping[str, str] = field(default_factory=lambda: dict(OUTPUTS))
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = boto3.client(service, "us-east-1")
        return self.clients[service]

    def output(self, name: str) -> str:
        return self.outputs[name]

    @property
    def desk(self) -> Desk:
        return Desk(DynamoItems(self.client("dynamodb"), "ledger"), S3Storage(self.client("s3"), "artifacts"))


@contextmanager
def deployed_stack() -> Iterator[Deployed]:
    """With an empty ledger and an empty artifact bucket."""
    with mock_aws():
        stack = Deployed()
        stack.client("s3").create_bucket(Bucket="artifacts")
        table = resources("AWS::DynamoDB::Table")["LedgerTable"]
        keys = {key: table[key] for key in ("AttributeDefinitions", "KeySchema", "BillingMode")}
        stack.client("dynamodb").create_table(TableName="ledger", **keys)
        yield stack
