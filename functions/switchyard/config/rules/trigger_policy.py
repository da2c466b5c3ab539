"""What starts a run of a model besides a drop: read from today's pipeline.yaml, and no part of a run."""

from dataclasses import dataclass

from switchyard.config.rules.schedule import Schedule


@dataclass(frozen=True)
class DriftPolicy:
    """threshold: PSI above which a feature has drifted. Fewer than minimum_rows say nothing. Live rows of the last
    window_hours are looked at; a run that drift has started is the last for cooldown_hours.
    """

    threshold: float = 0.2
    minimum_rows: int = 1000
    window_hours: float = 24.0
    cooldown_hours: float = 24.0


@dataclass(frozen=True)
class Triggers:
    """always: the schedule retrains also when neither data nor pipeline.yaml have changed."""

    schedule: Schedule | None = None
    always: bool = False
    drift: DriftPolicy | None = None
