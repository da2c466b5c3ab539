"""What the end of a state machine's execution means for its run."""

from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import Execution
from switchyard.core.run import Outcome, RunState

UNFINISHED = ("RUNNING", "PENDING_REDRIVE")


def outcome_of(execution: Execution) -> Outcome:
    """A run's outcome, from how its execution ended."""
    if execution.status == "SUCCEEDED":
        outcome = execution.output["outcome"]
        return Outcome(RunState(outcome["state"]), str(outcome["reason"]))
    if execution.status == "ABORTED":
        return Outcome(RunState.ABORTED, execution.reason or "the execution was stopped")
    if execution.reason.startswith(f"{InvalidDatasetError.__name__}: "):
        return Outcome(RunState.INVALID, execution.reason)
    return Outcome(RunState.FAILED, execution.reason or f"the execution ended as {execution.status}")
