"""What training jobs tell the tuning jobs that started them, while both live: values of the objective, and ends."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from sagemaker_local.store import Document

_LONGEST_CURVE = 20_000  # the most resources that Hyperband knows


class TuningProgress:
    """Events by tuning job, curves by training job. All of it in the event loop."""

    def __init__(self) -> None:
        self._changed: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._curves: dict[str, list[float]] = {}

    def changed(self, tuning_job: str) -> asyncio.Event:
        """Set whenever a value or an end has come."""
        return self._changed[tuning_job]

    def forget(self, tuning_job: str) -> None:
        self._changed.pop(tuning_job, None)

    def curve(self, training_job: str) -> tuple[float, ...]:
        """The objective's values of a training job that runs, as they came."""
        return tuple(self._curves.get(training_job, ()))

    def measured(self, job: Document, metric: str, value: float) -> None:
        """A training job wrote a metric; those that no tuning job started, and other metrics, are left out."""
        tuning = job.get("_Tuning")
        if tuning is None or tuning["Objective"]["MetricName"] != metric:
            return
        curve = self._curves.setdefault(job["TrainingJobName"], [])
        if len(curve) < _LONGEST_CURVE:
            curve.append(value)
        if tuning["IsWatched"]:
            self._notify(tuning["Job"])

    def ended(self, job: Document) -> None:
        """A training job has come to its final status."""
        self._curves.pop(job["TrainingJobName"], None)
        if "_Tuning" in job:
            self._notify(job["_Tuning"]["Job"])

    def _notify(self, tuning_job: str) -> None:
        if tuning_job in self._changed:
            self._changed[tuning_job].set()
