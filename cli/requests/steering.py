"""An order for a rollout that is under way; the next look of JudgeWindow carries it out."""

from __future__ import annotations

import json
import time

from cli.records.ledger import Line
from cli.report.sources import sources_of
from cli.stack.access import Access
from cli.stack.errors import RefusedError
from switchyard.rollout.rules.steering import Order, Steering


def waiting_step(stack: Access, line: Line) -> int:
    """The step of the rollout that waits for evidence, from 0. RefusedError where none can take an order."""
    ledger = sources_of(stack).ledger
    record = ledger.rollout(line.run_id)
    if record is not None and json.loads(str(record.get("guardrails", "{}"))):
        raise RefusedError(
            f"The traffic of run {line.run_id} is in SageMaker's hands (rollout.strategy: guardrails).",
            f"`switchyard abort {line.run_id}` gives it back once SageMaker is done.",
        )
    waits = ledger.waits(f"rollout/{line.run_id}") if record is not None else []
    if not waits:
        raise RefusedError(
            f"Run {line.run_id} ({line.state}) has no rollout that waits for evidence just now.",
            f"`switchyard watch {line.run_id}` shows where it is.",
        )
    return int(waits[0].result["stage"])


def give_order(stack: Access, line: Line, order: Order, reason: str) -> Steering:
    """RefusedError where no rollout of the run can take it."""
    steering = Steering(order, reason, waiting_step(stack, line), time.time())
    sources_of(stack).ledger.give_order(line.run_id, steering.to_dict())
    return steering
