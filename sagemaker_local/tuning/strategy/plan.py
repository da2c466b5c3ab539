"""What a tuning job does next, from what its training jobs have come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagemaker_local.tuning.strategy.trial import Trial, best, better, trials_not_improving

# "No training job succeeded after 5 attempts."
_ATTEMPTS = 5


@dataclass(frozen=True)
class Limits:
    """ResourceLimits and TuningJobCompletionCriteria. `jobs`: of Grid, the number of combinations."""

    jobs: int
    parallel: int
    maximise: bool
    target: float | None = None
    not_improving: int | None = None


@dataclass(frozen=True)
class Launch:
    """Start this many training jobs."""

    count: int


@dataclass(frozen=True)
class Wait:
    """Nothing to do until a training job reports a value or ends; `stop` them all first."""

    stop: bool = False


@dataclass(frozen=True)
class End:
    """The tuning job is over."""

    status: str
    reason: str | None = None


Step = Launch | Wait | End


def next_step(limits: Limits, trials: Sequence[Trial], *, is_stopping: bool, is_late: bool) -> Step:
    """`is_stopping`: a caller asked for the end. `is_late`: MaxRuntimeInSeconds is over."""
    live = sum(each.is_live for each in trials)
    failed = _hopeless(limits, trials)
    if is_stopping or is_late or failed or _is_satisfied(limits, trials):
        if live:
            return Wait(stop=True)
        return End("Stopped") if is_stopping else failed or End("Completed")
    room = min(limits.parallel - live, limits.jobs - _counted(limits, trials))
    if room > 0:
        return Launch(room)
    return Wait() if live else End("Completed")


def _counted(limits: Limits, trials: Sequence[Trial]) -> int:
    """A training job that an internal error ended "can be retried": another one takes its place, but not for ever."""
    retryable = sum(each.is_retryable for each in trials)
    return len(trials) - min(retryable, limits.jobs)


def _hopeless(limits: Limits, trials: Sequence[Trial]) -> End | None:
    """AWS gives up when the first few training jobs all came to nothing, and says which nothing."""
    ended = [each for each in trials if not each.is_live and not each.is_retryable]
    if any(each.objective is not None for each in ended) or len(ended) < min(_ATTEMPTS, limits.jobs):
        return None
    if all(each.status == "Failed" for each in ended):
        return End(
            "Failed",
            f"No training job succeeded after {len(ended)} attempts. Please take a look at the training job "
            "failures to get more details.",
        )
    return End(
        "Failed",
        f"No objective metrics found after running {len(ended)} training jobs. Please ensure that the custom "
        "algorithm is emitting the objective metric as defined by the regular expression provided.",
    )


def _is_satisfied(limits: Limits, trials: Sequence[Trial]) -> bool:
    leader = best(trials, maximise=limits.maximise)
    if leader is None or leader.objective is None:
        return False
    if limits.target is not None and not better(limits.target, leader.objective, maximise=limits.maximise):
        return True
    since = trials_not_improving(trials, maximise=limits.maximise)
    return limits.not_improving is not None and since >= limits.not_improving
