"""One training job of a tuning job, as the decisions see it; and counts and orders over many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LIVE = ("InProgress", "Stopping")
_LEAST_GAIN = 0.01


@dataclass(frozen=True)
class Trial:
    """`parameters` are the tuned ones. `curve`: the objective's values, one after the other as they came.

    objective: the last value of a job that has ended, and None while it runs and where it failed or said nothing.
    is_retryable: failed by an internal error, not by its own.
    """

    name: str
    definition: str
    parameters: Mapping[str, str]
    status: str
    objective: float | None = None
    curve: tuple[float, ...] = ()
    is_retryable: bool = False

    @property
    def is_live(self) -> bool:
        return self.status in _LIVE

    @property
    def objective_status(self) -> str:
        """`Pending` while it runs, then `Succeeded` with a value and `Failed` without."""
        if self.is_live:
            return "Pending"
        return "Failed" if self.objective is None else "Succeeded"


def status_counters(trials: Sequence[Trial]) -> dict[str, int]:
    """TrainingJobStatusCounters."""
    failed = [each for each in trials if each.status == "Failed"]
    retryable = sum(each.is_retryable for each in failed)
    return {
        "Completed": sum(each.status == "Completed" for each in trials),
        "InProgress": sum(each.is_live for each in trials),
        "RetryableError": retryable,
        "NonRetryableError": len(failed) - retryable,
        "Stopped": sum(each.status == "Stopped" for each in trials),
    }


def objective_counters(trials: Sequence[Trial]) -> dict[str, int]:
    """ObjectiveStatusCounters."""
    statuses = [each.objective_status for each in trials]
    return {status: statuses.count(status) for status in ("Succeeded", "Pending", "Failed")}


def best(trials: Sequence[Trial], *, maximise: bool) -> Trial | None:
    """The trial with the best objective; of equals the first."""
    found: Trial | None = None
    for each in trials:
        if each.objective is not None and (
            found is None or better(each.objective, _value(found), maximise=maximise)
        ):
            found = each
    return found


def better(one: float, other: float, *, maximise: bool) -> bool:
    return one > other if maximise else one < other


def trials_not_improving(trials: Sequence[Trial], *, maximise: bool) -> int:
    """How many of the last trials with an objective "have failed to improve model performance by 1% or greater over
    prior training jobs" (BestObjectiveNotImproving).
    """
    count, leader = 0, None
    for value in (each.objective for each in trials if each.objective is not None):
        if leader is None or _improves(value, leader, maximise=maximise):
            count = 0
        else:
            count += 1
        if leader is None or better(value, leader, maximise=maximise):
            leader = value
    return count


def _improves(value: float, leader: float, *, maximise: bool) -> bool:
    is_enough = abs(value - leader) >= _LEAST_GAIN * abs(leader)
    return is_enough and better(value, leader, maximise=maximise)


def _value(trial: Trial) -> float:
    assert trial.objective is not None  # noqa: S101 - only scored trials come here
    return trial.objective
