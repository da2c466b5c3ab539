"""What an asynchronous endpoint tells SNS: results, failures, and one test message on each change."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from sagemaker_local.hosting.asynchronous.request import AsyncRequest

INCLUDED_BYTES = 128 * 1024
TEST = {"eventVersion": "1.0", "eventSource": "aws:sagemaker", "eventName": "TestNotification"}


def success(
    region: str, now: float, request: AsyncRequest, content_type: str | None, body: bytes, *, included: bool
) -> dict[str, Any]:
    """The message of a completed invocation; `included`: with the response, when it is small enough."""
    message = _message(region, now, request, "Completed")
    message["responseParameters"] = _present(contentType=content_type, outputLocation=request.output_location)
    if included and len(body) <= INCLUDED_BYTES:
        message["responseBody"] = {"content": base64.b64encode(body).decode(), "encoding": "BASE64"}
    return message


def failure(region: str, now: float, request: AsyncRequest, reason: str) -> dict[str, Any]:
    message = _message(region, now, request, "Failed")
    message["failureReason"] = reason
    if request.failure_location is not None:
        message["responseParameters"] = {"outputLocation": request.failure_location}
    return message


def text(message: dict[str, Any]) -> str:
    return json.dumps(message)


def _message(region: str, now: float, request: AsyncRequest, status: str) -> dict[str, Any]:
    return {
        "awsRegion": region,
        "eventTime": _iso(now),
        "receivedTime": _iso(request.received),
        "invocationStatus": status,
        "requestParameters": _present(
            contentType=request.content_type,
            endpointName=request.endpoint,
            inputLocation=request.input_location,
        ),
        "inferenceId": request.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }


def _present(**members: str | None) -> dict[str, str]:
    return {name: value for name, value in members.items() if value is not None}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
