"""A run: one dataset on its way through the pipeline, and the states its record can be in."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class RunState(StrEnum):
    """The first five are under way; each dataset ends in exactly one of the others.

    A batch drop ends SCORED, PARTLY_SCORED, INVALID, FAILED or ABORTED.
    """

    INCOMPLETE = "INCOMPLETE"
    ADMITTED = "ADMITTED"
    WAITING = "WAITING"
    RUNNING = "RUNNING"
    RESTORING = "RESTORING"
    PROMOTED = "PROMOTED"
    REJECTED = "REJECTED"
    ROLLED_BACK = "ROLLED_BACK"
    INCONCLUSIVE = "INCONCLUSIVE"
    SUPERSEDED = "SUPERSEDED"
    FAILED = "FAILED"
    INVALID = "INVALID"
    ABORTED = "ABORTED"
    SCORED = "SCORED"
    PARTLY_SCORED = "PARTLY_SCORED"

    @property
    def is_terminal(self) -> bool:
        return self not in UNDER_WAY

    def may_become(self, later: "RunState") -> bool:
        """A run only goes on: what has started is not superseded, and what has ended stays as it ended."""
        if later in (RunState.WAITING, RunState.RUNNING, RunState.SUPERSEDED):
            return self in (RunState.ADMITTED, RunState.WAITING)
        return not self.is_terminal


UNDER_WAY = frozenset(
    {RunState.INCOMPLETE, RunState.ADMITTED, RunState.WAITING, RunState.RUNNING, RunState.RESTORING}
)


@dataclass(frozen=True)
class Run:
    """What every state of the machines receives as `$.run`: references, never data."""

    model: str
    run_id: str
    digest: str
    source: str  # where the dataset was dropped, as an S3 URI
    snapshot: str  # key prefix in the artifact bucket: the immutable copy that is trained from

    @property
    def record(self) -> str:
        """The sort key of its item in the ledger."""
        return f"RUN#{self.run_id}"

    @property
    def is_dropped(self) -> bool:
        """Its source is a drop, not whoever asked for it by hand, by the clock, or because of drift."""
        return "://" in self.source

    @property
    def pipeline_key(self) -> str:
        """The run's own frozen pipeline: a second try of a dataset takes the pipeline.yaml of its day."""
        return f"{self.snapshot}{self.run_id}.pipeline.json"

    @property
    def pipeline_text_key(self) -> str:
        """The owner's file of that day, for a job that reads the rows before the pipeline is complete."""
        return f"{self.snapshot}{self.run_id}.pipeline.yaml"

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Run":
        return cls(**{name: str(data[name]) for name in cls.__dataclass_fields__})

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Outcome:
    """How a run ended, with the reason a person reads."""

    state: RunState
    reason: str
