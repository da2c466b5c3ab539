"""Stopping a run: its execution is stopped, and SettleRun gives everything back to the champion."""

from __future__ import annotations

from cli.records.ledger import Line
from cli.records.run_state import is_terminal
from cli.stack.access import Access
from cli.stack.errors import RefusedError


def abort(stack: Access, line: Line, reason: str) -> None:
    """RefusedError for a run that has ended."""
    if is_terminal(line.state):
        raise RefusedError(
            f"Run {line.run_id} has ended: {line.state}.",
            "`switchyard rollback` goes back to a champion of before.",
        )
    arn = f"{stack.output('RetrainMachineArn').replace(':stateMachine:', ':execution:')}:{line.run_id}"
    stack.client("stepfunctions").stop_execution(executionArn=arn, error="Aborted", cause=reason[:32768])
