"""Where the facts of a deployed stack's runs are: its ledger, its artifacts, its executions."""

from __future__ import annotations

import time

from botocore.exceptions import ClientError

from cli.records.executions import State, read_execution
from cli.report.facts import Sources
from cli.stack.access import Access
from switchyard.aws.items import DynamoItems
from switchyard.aws.storage import S3Storage
from switchyard.core.ledger.ledger import Ledger


def sources_of(stack: Access) -> Sources:
    ledger = Ledger(DynamoItems(stack.client("dynamodb"), stack.output("LedgerTableName")), time.time)
    artifacts = S3Storage(stack.client("s3"), stack.output("ArtifactBucketName"))
    return Sources(artifacts, ledger, lambda run_id: _visits(stack, run_id))


def _visits(stack: Access, run_id: str) -> tuple[State, ...]:
    """States of the retrain execution; none when it never began or its history (90 days) is gone."""
    arn = f"{stack.output('RetrainMachineArn').replace(':stateMachine:', ':execution:')}:{run_id}"
    try:
        return read_execution(stack.client("stepfunctions"), arn).states
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return ()
