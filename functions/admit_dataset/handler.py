"""Arrivals from the queue: each object's dataset is admitted, waits, or is told what is wrong with it."""

import json
from typing import Any

from switchyard.runtime import wiring
from switchyard.runtime.entry import Event, logger
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> dict[str, Any]:
    """SQS records that hold EventBridge events of S3; what fails is reported alone and comes back."""
    failed = []
    for record in event["Records"]:
        try:
            key = json.loads(record["body"])["detail"]["object"]["key"]
            logger.info("arrival", extra={"key": key, "became": wiring.admission().admit(key)})
        except Exception:
            logger.exception("an arrival could not be handled; it comes back")
            wiring.arrivals().postpone(record["receiptHandle"])
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
