"""An order for a rollout that is under way; the next look of JudgeWindow carries it out."""

from __future__ import annotations

import json
import time

from cli.records.ledger import Line
from cli.stack.errors import RefusedError
from switchyard.core.ledger.ledger import Ledger
from switchyard.rollout.rules.steering import Order, Steering


def give_order(ledger: Ledger, line: Line, order: Order, reason: str) -> Steering:
    """RefusedError where no rollout of the run can take it."""
    record = ledger.rollout(line.run_id)
    waits = ledger.waits(f"rollout/{line.run_id}")
    if record is not None and json.loads(str(record.get("guardrails", "{}"))):
        raise RefusedError(
            f"The traffic of run {line.run_id} is in SageMaker's hands (rollout.strategy: guardrails).",
            f"`switchyard abort {line.run_id}` gives it back once SageMaker is done.",
        )
    if record is None or not waits:
        raise RefusedError(
            f"Run {line.run_id} ({line.state}) has no rollout that waits for evidence just now.",
            f"`switchyard watch {line.run_id}` shows where it is.",
        )
    steering = Steering(order, reason, int(waits[0].result["stage"]), time.time())
    ledger.give_order(line.run_id, steering.to_dict())
    return steering
