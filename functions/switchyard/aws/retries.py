"""Messages that could not be handled come back, each time later than the time before."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# After the first try, the second, ... The queue gives up after one more: a fault of over two hours loses nothing.
DELAYS_SECONDS = (30, 120, 480, 1920, 7200)


class SqsRetries:
    """Fulfils ports.Retries for the queue that a function is called from."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue = queue_url

    def postpone(self, record: Mapping[str, Any]) -> None:
        tries = int(record["attributes"]["ApproximateReceiveCount"])
        self._client.change_message_visibility(
            QueueUrl=self._queue,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=DELAYS_SECONDS[min(tries, len(DELAYS_SECONDS)) - 1],
        )
