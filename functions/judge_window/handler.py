"""State JudgeWindow leaves its token here; the looks queue wakes the same function once a window to look."""

import json
from typing import Any

from switchyard.core.run import Run
from switchyard.runtime.entry import Event, logger
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.rollout import judge_window


@entry
def handler(event: Event) -> dict[str, Any]:
    """From the machine: {run, rollout, token}. From the queue: looks; one that is not done comes back."""
    if "Records" in event:
        failed = [record["messageId"] for record in event["Records"] if not _look(record)]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
    judge_window().begin(Run.from_dict(event["run"]), int(event["rollout"]["stage"]), event["token"])
    return {}


def _look(record: dict[str, Any]) -> bool:
    body = json.loads(record["body"])
    try:
        done = judge_window().look(body["model"], body["run_id"], body.get("lap", ""))
    except Exception:
        logger.exception("a look failed; it comes back after a window", extra=body)
        done = False
    if not done:
        judge_window().looks.postpone(record["receiptHandle"])
    return done
