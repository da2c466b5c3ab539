"""Batch drops from their queue: each is checked file by file and transformed, waits, or is told what is wrong."""

from typing import Any

from switchyard.runtime import adapters
from switchyard.runtime.entry import Event, logger
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.sqs_event import each_record
from switchyard.runtime.wiring.batch import admit_batch


@entry
def handler(event: Event) -> dict[str, Any]:
    """SQS records that hold EventBridge events of S3; what fails is reported alone and comes back."""
    trouble = "a batch drop could not be handled; it comes back"
    return each_record(event, _admit, adapters.batch_retries(), trouble)


def _admit(body: dict[str, Any]) -> None:
    key = body["detail"]["object"]["key"]
    logger.info("batch drop", extra={"key": key, "became": admit_batch().admit(key)})
