"""The end of a batch drop that was transformed."""

from dataclasses import dataclass

from switchyard.core.batch_drop import Batch
from switchyard.core.execution_end import UNFINISHED, outcome_of
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Control, Execution, Executions
from switchyard.core.run import RunState
from switchyard.spending.capacity import Capacity


@dataclass(frozen=True)
class SettleBatch:
    """Every drop that was transformed ends in exactly one state."""

    prefix: str
    ledger: Ledger
    control: Control
    executions: Executions
    capacity: Capacity

    def ended(self, batch: Batch) -> RunState | None:
        """Settles a drop whose execution ended, in whatever way; None while it has not."""
        execution = self.executions.transform_status(batch.batch_id)
        if execution is None or execution.status in UNFINISHED:
            return None
        return self._settle(batch, execution)

    def _settle(self, batch: Batch, execution: Execution) -> RunState | None:
        outcome = outcome_of(execution)
        others = [batch.challenger_job(self.prefix)] if batch.challenger else []
        for job in (batch.job(self.prefix), *others):
            self.control.stop_transform(job)
            for wait in self.ledger.waits(f"transform-job/{job}"):
                self.ledger.end_wait(wait)
        state = self.ledger.set_batch_state(batch, outcome.state, outcome.reason)
        self.capacity.ended(batch.model, batch.record)
        return state
