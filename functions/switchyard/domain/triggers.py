"""What starts a run of a model besides a drop: read from today's pipeline.yaml, and no part of a run."""

from dataclasses import dataclass

from switchyard.domain.drift import DriftPolicy
from switchyard.domain.schedule import Schedule


@dataclass(frozen=True)
class Triggers:
    """always: the schedule retrains also when neither data nor pipeline.yaml have changed."""

    schedule: Schedule | None = None
    always: bool = False
    drift: DriftPolicy | None = None
