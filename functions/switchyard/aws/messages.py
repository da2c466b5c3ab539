"""Messages to a function of ours, through the queue that its events come from: one door, and tried again."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsMessages:
    """Fulfils ports.Messages; `kind` tells them from S3's events in the same queue."""

    def __init__(self, client: "SQSClient", queue_url: str, kind: str) -> None:
        self._client = client
        self._queue = queue_url
        self._kind = kind

    def send(self, body: Mapping[str, Any]) -> None:
        self._client.send_message(QueueUrl=self._queue, MessageBody=json.dumps({self._kind: dict(body)}))
