"""Stopping a run: its execution is stopped, and SettleRun gives everything back to the champion."""

from __future__ import annotations

from cli.records.ledger import Line
from cli.records.run_state import is_terminal
from cli.stack.access import Access
from cli.stack.errors import RefusedError
from switchyard.core.run import RunState


def check(_: Access, line: Line) -> None:
    """RefusedError for a run that has ended, or whose execution has not begun."""
    if is_terminal(line.state):
        raise RefusedError(
            f"Run {line.run_id} has ended: {line.state}.",
            "`switchyard rollback` goes back to a former champion.",
        )
    if line.is_batch or line.state != RunState.RUNNING:
        kind = "is a batch drop" if line.is_batch else f"is {line.state}"
        raise RefusedError(
            f"{line.run_id} {kind}: there is no execution of the retrain machine to be stopped.",
            f"`switchyard show {line.run_id}` says what it waits for.",
        )


def abort(stack: Access, line: Line, reason: str) -> None:
    """RefusedError as `check` raises it."""
    check(stack, line)
    arn = f"{stack.output('RetrainMachineArn').replace(':stateMachine:', ':execution:')}:{line.run_id}"
    stack.client("stepfunctions").stop_execution(executionArn=arn, error="Aborted", cause=reason[:32768])
