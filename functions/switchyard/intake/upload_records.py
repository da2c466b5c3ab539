"""What is on record of a drop that did not become a run or a batch: not all there yet, or of no use."""

from dataclasses import dataclass

from switchyard.core.errors import InvalidInputError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Storage
from switchyard.core.run import RunState
from switchyard.intake.rules.dataset import Drop


@dataclass(frozen=True)
class UploadRecords:
    """The upload records that both doors, `train/` and `batch/`, keep alike; `data` is the uploaders' bucket."""

    ledger: Ledger
    data: Storage

    def incomplete(self, drop: Drop, missing: str) -> str:
        """One record of the folder, however often a file of it arrives."""
        source = self.data.uri(drop.source)
        self.ledger.record_upload(drop.model, _unfinished(drop), source, RunState.INCOMPLETE, missing)
        return f"INCOMPLETE: {missing}"

    def complete(self, drop: Drop) -> None:
        self.ledger.forget_upload(drop.model, _unfinished(drop))

    def invalid(self, drop: Drop, upload: str, error: InvalidInputError) -> str:
        self.complete(drop)
        source = self.data.uri(drop.source)
        self.ledger.record_upload(drop.model, upload, source, RunState.INVALID, str(error))
        return f"INVALID: {error}"


def _unfinished(drop: Drop) -> str:
    return f"{drop.source}#incomplete"
