"""The start of the transform machine for a batch drop."""

from switchyard.core.batch_drop import Batch
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Executions
from switchyard.core.run import RunState


def start_batch(ledger: Ledger, executions: Executions, batch: Batch) -> RunState | None:
    """Starts the transform of an admitted drop; an execution name is used once, so a repeat is harmless."""
    executions.start_transform(batch.batch_id, {"batch": batch.to_dict()})
    return ledger.set_batch_state(batch, RunState.RUNNING)
