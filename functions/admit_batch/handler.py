"""Batch drops from their queue: each is checked file by file and transformed, waits, or is told what is wrong."""

import json
from typing import Any

from switchyard.runtime.entry import Event, logger
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.batch import admit_batch


@entry
def handler(event: Event) -> dict[str, Any]:
    """SQS records that hold EventBridge events of S3; what fails is reported alone and comes back."""
    failed = []
    for record in event["Records"]:
        try:
            key = json.loads(record["body"])["detail"]["object"]["key"]
            logger.info("batch drop", extra={"key": key, "became": admit_batch().admit(key)})
        except Exception:
            logger.exception("a batch drop could not be handled; it comes back")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
