"""What is on record of a drop that did not become a run or a batch: not all there yet, or of no use."""

from collections.abc import Iterable
from dataclasses import dataclass

from switchyard.core.errors import InvalidDatasetError, InvalidInputError, InvalidPipelineError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import is_model_name
from switchyard.core.ports import Storage, StoredObject
from switchyard.core.run import RunState
from switchyard.intake.rules.dataset import Drop

LONGEST_KEY, SHOWN = 1024, 200


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
        """A folder alone is ever on record as not complete."""
        if drop.is_folder:
            self.ledger.forget_upload(drop.model, _unfinished(drop))

    def invalid(self, drop: Drop, upload: str, error: InvalidInputError) -> str:
        self.complete(drop)
        source = self.data.uri(drop.source)
        self.ledger.record_upload(drop.model, upload, source, RunState.INVALID, str(error))
        return f"INVALID: {error}"


def refuse_names(place: str, objects: Iterable[StoredObject], folder: int) -> None:
    """A key of S3 has at most 1,024 bytes, and what is made of a file lies in a folder of ours, whose name takes up to
    `folder` of them. Jobs find the files in folders on a disk, where a name is one within its folder.
    """
    for item in objects:
        name = item.key.split("/", 2)[-1]
        if not {"", ".", ".."}.isdisjoint(name.removesuffix("/").split("/")):
            raise InvalidDatasetError(
                f"{place[:SHOWN]}: a folder in a file's name is called '..', '.' or nothing; jobs find files on a "
                f"disk, where that is another folder; give it a name of its own, then drop it again"
            )
        if len(name.encode()) + folder > LONGEST_KEY:
            raise InvalidDatasetError(
                f"{place[:SHOWN]}: a file's name is {len(name.encode())} bytes long; at most {LONGEST_KEY - folder} "
                f"are taken; give it a shorter one, then drop it again"
            )


def refuse_no_model(drop: Drop) -> None:
    """What lies under a folder that can be no model's."""
    if not is_model_name(drop.model):
        raise InvalidPipelineError(
            f"{drop.source[:SHOWN]}: '{drop.model[:40]}' is no model name; use lower-case letters, digits and single "
            f"hyphens, at most 24 characters"
        )


def _unfinished(drop: Drop) -> str:
    return f"{drop.source}#incomplete"
