"""Arrivals from the queue: each object's dataset is admitted, waits, or is told what is wrong with it. Requests to
retrain come the same way, or by hand.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from switchyard.runtime import adapters
from switchyard.runtime.entry import Event, logger
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.sqs_event import each_record
from switchyard.runtime.wiring.intake import admission
from switchyard.runtime.wiring.triggers import retraining
from switchyard.triggers.rules.request import Request


@entry
def handler(event: Event) -> dict[str, Any]:
    """SQS records that hold EventBridge events of S3, or {"retrain": Request}; what fails is reported alone and comes
    back. By hand: {"retrain": Request} alone, answered with {run_id, became}.
    """
    if "retrain" in event:
        return _retrain(event["retrain"])
    return each_record(
        event, _admit, adapters.drop_retries(), "an arrival could not be handled; it comes back"
    )


def _admit(body: dict[str, Any]) -> None:
    if "retrain" in body:
        _retrain(body["retrain"])
        return
    key, told_at = body["detail"]["object"]["key"], _seconds(body.get("time"))
    logger.info("arrival", extra={"key": key, "became": admission().admit(key, told_at)})


def _seconds(time: str | None) -> float:
    """An event's time, `2026-11-29T03:14:15Z`; 0 for an event that says none."""
    return datetime.fromisoformat(time).timestamp() if time else 0.0


def _retrain(asked: dict[str, Any]) -> dict[str, Any]:
    request = Request.from_dict(asked)
    answer = asdict(retraining().retrain(request))
    logger.info("retrain", extra={**request.to_dict(), **answer})
    return answer
