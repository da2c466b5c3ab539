"""A batch drop: rows that wait for the champion's predictions, and what became of each of its files."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from switchyard.core.known_members import known_members
from switchyard.core.run import Outcome, RunState


@dataclass(frozen=True)
class Batch:
    """What every state of the transform machine receives as `$.batch`: references, never data."""

    model: str
    batch_id: str
    digest: str
    source: str  # where it was dropped, as an S3 URI
    champion: str  # the run whose model scores it
    sagemaker_model: str
    artifact_sha256: str
    challenger: str = ""  # the run in rollout that is compared on it: its model scores the drop, too

    @property
    def folder(self) -> str:
        """Key prefix in the artifact bucket: input/, predictions/, drop.json, manifest.json."""
        return f"{self.model}/batches/{self.batch_id}/"

    @property
    def apart(self) -> str:
        """Key prefix of what is the comparison's alone: predictions/ of the challenger, its input/ where it reads other
        columns, ids/ where a column names the rows.
        """
        return f"{self.folder}challenger/"

    @property
    def record(self) -> str:
        """The sort key of its item in the ledger."""
        return f"BATCH#{self.batch_id}"

    def job(self, prefix: str) -> str:
        """The transform job's name; `prefix` is the stack's."""
        return f"{prefix}-{self.batch_id}-batch"

    def challenger_job(self, prefix: str) -> str:
        return f"{prefix}-{self.batch_id}-rival"

    def row_id(self, file: str, row: int) -> str:
        """What label files call a row by where no column names it: the file below `batch/`, and the line of its
        predictions, from 1.
        """
        below = self.source.partition("/batch/")[2]
        return f"{below}{file}#{row}" if below.endswith("/") else f"{below}#{row}"

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Batch":
        return cls(**{name: str(data[name]) for name in cls.__dataclass_fields__ if name in data})

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class BatchFile:
    """One file of a drop. refused: why it was not, or could not be, scored; "" when it was.

    uncompared: why the challenger in rollout is not compared on it; "" when it is, or when there is none.
    """

    name: str
    sha256: str = ""
    rows: int = 0
    refused: str = ""
    prediction: str = ""  # S3 URI
    uncompared: str = ""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "BatchFile":
        return cls(**known_members(cls, data))


def outcome_of_files(files: Iterable[BatchFile]) -> Outcome:
    """All, some or none of a drop's files were scored; the reason names what was not."""
    every = list(files)
    refused = [file.refused for file in every if file.refused]
    scored = len(every) - len(refused)
    if not refused:
        return Outcome(RunState.SCORED, f"{scored} files, {sum(file.rows for file in every)} rows")
    more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
    if not scored:
        return Outcome(RunState.FAILED, f"no file was scored: {refused[0]}{more}")
    return Outcome(RunState.PARTLY_SCORED, f"{scored} of {len(every)} files were scored; {refused[0]}{more}")
