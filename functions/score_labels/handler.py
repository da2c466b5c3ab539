"""Label files from the queue are looked through as they arrive; windows of requests, and batch drops that two models
have scored, are joined with their labels when they are old enough.
"""

from typing import Any

from switchyard.intake.stray_objects import is_of_labels
from switchyard.runtime import adapters
from switchyard.runtime.entry import Event, logger
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.sqs_event import each_record
from switchyard.runtime.wiring.batch import compare_drop
from switchyard.runtime.wiring.intake import strays
from switchyard.runtime.wiring.labels import score_labels


@entry
def handler(event: Event) -> dict[str, Any]:
    """SQS records that hold EventBridge events of S3, or {"join": {model, run_id, start, end}}, times in seconds since
    the epoch, or {"join": {model, run_id, drop}}; what fails is reported alone and comes back.
    """
    return each_record(event, _take, adapters.label_retries(), "labels could not be handled; they come back")


def _take(body: dict[str, Any]) -> None:
    logger.info("labels", extra=_answer(body))


def _answer(body: dict[str, Any]) -> dict[str, Any]:
    if "join" in body:
        asked = body["join"]
        blocks = compare_drop().join(**asked) if "drop" in asked else score_labels().join(**asked)
        return {**asked, "blocks": blocks}
    key = body["detail"]["object"]["key"]
    return {"key": key, "became": score_labels().arrived(key) if is_of_labels(key) else strays().tell(key)}
