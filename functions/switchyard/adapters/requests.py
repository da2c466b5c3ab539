"""Requests to retrain go through the arrivals' queue: one door, tried again when it is shut."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsRequests:
    """Fulfils ports.Requests."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue = queue_url

    def send(self, request: Mapping[str, Any]) -> None:
        self._client.send_message(QueueUrl=self._queue, MessageBody=json.dumps({"retrain": dict(request)}))
