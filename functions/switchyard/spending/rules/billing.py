"""For how long SageMaker bills what a run has used: pure functions over what Describe* answered."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Description = Mapping[str, Any]


def training_seconds(description: Description | None, now: float) -> float:
    """ "Multiply BillableTimeInSeconds by the number of instances [...] to get the total compute time SageMaker bills
    you" (DescribeTrainingJob); without it from start to end. 0 for a job that never started.
    """
    billable = (description or {}).get("BillableTimeInSeconds")
    return float(billable) if billable is not None else _between(description, "Training", now)


def processing_seconds(description: Description | None, now: float) -> float:
    """From start to end; until now for a job that is being stopped."""
    return _between(description, "Processing", now)


def transform_seconds(descriptions: Iterable[Description | None], now: float) -> float:
    """Of all these jobs together."""
    return sum(_between(each, "Transform", now) for each in descriptions)


def tuning_seconds(jobs: Iterable[Description], now: float) -> float:
    """Of all training jobs of a tuning job together, by their summaries."""
    return sum(_between(each, "Training", now) for each in jobs)


def _between(description: Description | None, kind: str, now: float) -> float:
    found = description or {}
    start, end = _seconds(found.get(f"{kind}StartTime")), _seconds(found.get(f"{kind}EndTime"))
    return 0.0 if start is None else max(0.0, (now if end is None else end) - start)


def _seconds(moment: object) -> float | None:
    if isinstance(moment, datetime):
        return moment.timestamp()
    return float(moment) if isinstance(moment, int | float) else None
