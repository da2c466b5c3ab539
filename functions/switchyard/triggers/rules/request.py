"""A retraining that no upload asked for: by hand, by the clock, or because live inputs have drifted."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from switchyard.core.names import run_id


class Cause(StrEnum):
    """Who asked; it stands where an upload's address would, as the run's source."""

    HAND = "by hand"
    SCHEDULE = "schedule"
    DRIFT = "drift"


@dataclass(frozen=True)
class Request:
    """`identity` tells one request of a model from the next: the same one twice is one run.

    key: a drop in the data bucket to train on ("": the newest there is). always: also when the newest data has been
    judged with today's pipeline.yaml. why: for the run's record.
    """

    model: str
    cause: Cause
    identity: str
    key: str = ""
    always: bool = False
    why: str = ""

    @property
    def run_id(self) -> str:
        """Not the dataset's: the same data may be asked for many times, and names end at 63 characters."""
        asked = hashlib.sha256(f"{self.cause}\n{self.identity}".encode())
        return run_id(self.model, asked.hexdigest())

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Request":
        """Raises KeyError, TypeError or ValueError for what is no request."""
        return cls(**{**data, "cause": Cause(data["cause"])})

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Answer:
    """What became of a request: the run that does it ("": none), and why."""

    run_id: str
    became: str
