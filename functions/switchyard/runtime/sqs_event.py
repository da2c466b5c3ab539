"""What a queue hands to a function: each message apart, one that cannot be handled keeps no other from its turn."""

import json
from collections.abc import Callable
from typing import Any

from switchyard.core.ports import Retries
from switchyard.runtime.entry import Event, logger


def each_record(
    event: Event, take: Callable[[dict[str, Any]], None], retries: Retries, trouble: str
) -> dict[str, Any]:
    """Hands every message's body to `take`. A message on which it raises is put off and reported as failed.

    trouble: what is logged then. Answers as ReportBatchItemFailures wants it.
    """
    failed = []
    for record in event["Records"]:
        try:
            take(json.loads(record["body"]))
        except Exception:
            logger.exception(trouble)
            retries.postpone(record)
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
