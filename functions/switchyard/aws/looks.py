"""The looks queue: a message that is reported as failed comes back when its visibility timeout ends."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsLooks:
    """Fulfils ports.Looks with one message a waiting step."""

    def __init__(self, client: "SQSClient", queue_url: str, window_seconds: int) -> None:
        self._client = client
        self._queue = queue_url
        self._window = window_seconds

    def schedule(self, model: str, run_id: str, lap: str) -> None:
        body = json.dumps({"model": model, "run_id": run_id, "lap": lap})
        self._client.send_message(QueueUrl=self._queue, MessageBody=body, DelaySeconds=self._window)

    def postpone(self, receipt: str) -> None:
        self._client.change_message_visibility(
            QueueUrl=self._queue, ReceiptHandle=receipt, VisibilityTimeout=self._window
        )
