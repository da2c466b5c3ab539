"""What the end of a state machine's execution means for its run, and the one readable line out of a nested cause."""

import json
import re
from typing import Any

from switchyard.core import errors
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import Execution
from switchyard.core.run import Outcome, RunState

MAX_DEPTH = 5
UNFINISHED = ("RUNNING", "PENDING_REDRIVE")


def outcome_of(execution: Execution) -> Outcome:
    """A run's outcome, from how its execution ended."""
    if execution.status == "SUCCEEDED":
        outcome = execution.output["outcome"]
        return Outcome(RunState(outcome["state"]), str(outcome["reason"]))
    if execution.status == "ABORTED":
        return Outcome(RunState.ABORTED, execution.reason or "the execution was stopped")
    error, said = _parted(execution.reason)
    if error == InvalidDatasetError.__name__:
        return Outcome(RunState.INVALID, said)
    return Outcome(RunState.FAILED, said or f"the execution ended as {execution.status}")


def _parted(reason: str) -> tuple[str, str]:
    """The error's name, and what it says to a person: our own errors are worded for that, others are not."""
    found = re.match(r"([A-Z][A-Za-z]*(?:Error|Exception|Exit)): ?", reason)
    if found is None:
        return "", reason
    said = reason[found.end() :]
    if not hasattr(errors, found[1]):
        said = f"the pipeline itself broke: {said or 'no reason was given'}; its log has more"
    return found[1], said


def readable(error: str, cause: str) -> str:
    """`JobFailedError: training job ...`, dug out of nested causes; at most 800 characters."""
    for _ in range(MAX_DEPTH):
        inner = _parsed(cause)
        if inner is None:
            break
        error = str(inner.get("Error") or inner.get("errorType") or error)
        cause = str(inner.get("Cause") or inner.get("errorMessage") or "")
    return ": ".join(part for part in (error, cause) if part)[:800]


def _parsed(cause: str) -> dict[str, Any] | None:
    try:
        value = json.loads(cause)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
