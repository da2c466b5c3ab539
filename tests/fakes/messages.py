"""Events as SQS hands them to a function."""

import json
from datetime import UTC, datetime
from typing import Any


def message(name: str, body: object) -> dict[str, Any]:
    """An event of one message that is received for the first time. A body that is no text is sent as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    attributes = {"ApproximateReceiveCount": "1"}
    return {"Records": [{"messageId": name, "receiptHandle": name, "attributes": attributes, "body": text}]}


def created(key: str, at: float | None = None) -> dict[str, Any]:
    """The event of S3 that an object has come, in a message. at: seconds since the epoch; None: it does not say."""
    time = {} if at is None else {"time": f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"}
    return message(key, {**time, "detail": {"object": {"key": key}}})


def run_of(config: str) -> str:
    """switchyard-digits-0123456789ab-full -> digits-0123456789ab."""
    return config.removeprefix("switchyard-").removesuffix("-full")


def folder_of(function: str) -> str:
    """StartTraining -> start_training."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in function).lstrip("_")
