"""Batch drops of which an event was lost."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from switchyard.batch.settle_batch import SettleBatch
from switchyard.batch.start_batch import start_batch
from switchyard.core.batch_drop import Batch
from switchyard.core.execution_end import UNFINISHED
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.sweep_finding import Finding
from switchyard.core.ports import Executions, Messages
from switchyard.core.run import RunState
from switchyard.intake.rules.dataset import SUCCESS_MARKER


@dataclass(frozen=True)
class SweepBatches:
    """What events lost of batch drops: ends that nobody saw, starts that never were, drops that waited for a model."""

    ledger: Ledger
    executions: Executions
    arrivals: Messages
    settle_batch: SettleBatch

    def findings(self, model: str) -> Iterator[Finding]:
        if self.ledger.champion(model) is not None:
            for upload in self.ledger.opened(model, "UPLOAD#"):
                if upload["state"] == RunState.WAITING:
                    source = str(upload["source"]).split("/", 3)[-1]  # s3://bucket/key
                    yield Finding(f"{source} waited for a champion", partial(self._send, source))
        for item in self.ledger.opened(model, "BATCH#"):
            if not RunState(str(item["state"])).is_terminal:
                yield from self._look(Batch.from_dict(json.loads(str(item["batch"]))))

    def _look(self, batch: Batch) -> Iterator[Finding]:
        execution = self.executions.transform_status(batch.batch_id)
        if execution is None:
            yield Finding(f"{batch.batch_id}: its transform never started", partial(self._start, batch))
        elif execution.status not in UNFINISHED:
            yield Finding(f"{batch.batch_id}: ended unseen", partial(self._settle, batch))

    def _send(self, source: str) -> str:
        key = f"{source}{SUCCESS_MARKER}" if source.endswith("/") else source
        self.arrivals.send({"object": {"key": key}})  # as its event came first
        return f"{source} waited for a champion; it is looked at again"

    def _start(self, batch: Batch) -> str:
        state = start_batch(self.ledger, self.executions, batch)
        return f"{batch.batch_id}: {state}; its transform had never started"

    def _settle(self, batch: Batch) -> str:
        return f"{batch.batch_id}: ended unseen, settled as {self.settle_batch.ended(batch)}"
