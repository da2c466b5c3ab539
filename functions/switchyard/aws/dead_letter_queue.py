"""The dead-letter queue of arrivals, batch drops and label files."""

from typing import TYPE_CHECKING

from switchyard.core.ports import DeadLetter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsDeadLetters:
    """Fulfils ports.DeadLetters."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue = queue_url

    def receive(self) -> DeadLetter | None:
        answer = self._client.receive_message(
            QueueUrl=self._queue, MaxNumberOfMessages=1, VisibilityTimeout=60
        )
        found = answer.get("Messages", [])
        return DeadLetter(found[0]["ReceiptHandle"], found[0]["Body"]) if found else None

    def delete(self, receipt: str) -> None:
        self._client.delete_message(QueueUrl=self._queue, ReceiptHandle=receipt)
