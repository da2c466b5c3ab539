"""One look at a tuning job: its document and those of its training jobs, and what follows from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sagemaker_local.store import Document
from sagemaker_local.tuning.document import (
    definition_name,
    definitions,
    maximises,
    objective,
    resources,
    space,
    training_request,
    trial,
)
from sagemaker_local.tuning.strategy.early_stopping import is_behind
from sagemaker_local.tuning.strategy.hyperband import is_out
from sagemaker_local.tuning.strategy.plan import Limits, Step, next_step
from sagemaker_local.tuning.strategy.search import Search, propose
from sagemaker_local.tuning.strategy.trial import Trial


@dataclass
class TuningState:
    """`trials`: its own, in the order of their starts. `parents`: those of the jobs it starts warm from."""

    job: Document
    trials: list[Trial]
    parents: Sequence[Trial]

    @property
    def name(self) -> str:
        return str(self.job["HyperParameterTuningJobName"])

    @property
    def _config(self) -> Document:
        config: Document = self.job["HyperParameterTuningJobConfig"]
        return config

    def next_step(self, now: float) -> Step:
        left = self.seconds_left(now)
        return next_step(
            self._limits(),
            self.trials,
            is_stopping=self.job["HyperParameterTuningJobStatus"] == "Stopping",
            is_late=left is not None and left <= 0,
        )

    def seconds_left(self, now: float) -> float | None:
        """Of MaxRuntimeInSeconds; None without one."""
        longest = self._config["ResourceLimits"].get("MaxRuntimeInSeconds")
        return None if longest is None else self.job["CreationTime"] + longest - now

    def _limits(self) -> Limits:
        given, criteria = self._config["ResourceLimits"], self._config.get("TuningJobCompletionCriteria", {})
        combinations = sum(space(self.job, each).size for each in definitions(self.job))
        return Limits(
            jobs=given.get("MaxNumberOfTrainingJobs") or round(combinations),
            parallel=given["MaxParallelTrainingJobs"],
            maximise=maximises(self.job),
            target=criteria.get("TargetObjectiveMetricValue"),
            not_improving=criteria.get("BestObjectiveNotImproving", {}).get(
                "MaxNumberOfTrainingJobsNotImproving"
            ),
        )

    # what to try

    def next_request(self, suffix: str) -> Document:
        """CreateTrainingJob for the next trial, named `<tuning job>-<number>-<suffix>`."""
        number = len(self.trials)
        definition = self._next_definition(number)
        tuned = propose(self._search(definition), self._history(definition))
        goal = objective(self.job, definition) or {}
        request = training_request(
            f"{self.name}-{number + 1:03d}-{suffix}", definition, tuned, goal["MetricName"]
        )
        tuning = {
            "Job": self.name,
            "Definition": definition_name(definition),
            "TunedHyperParameters": tuned,
            "Objective": {"Type": goal["Type"], "MetricName": goal["MetricName"]},
            "IsWatched": self._is_watched,
        }
        return request | {"TuningJobArn": self.job["HyperParameterTuningJobArn"], "_Tuning": tuning}

    def began(self, training_job: Document) -> None:
        """The next proposal knows of this trial."""
        self.trials.append(trial(training_job))

    def _next_definition(self, number: int) -> Document:
        """In turn; a definition whose grid is through is passed over."""
        every = definitions(self.job)
        turned = [*every[number % len(every) :], *every[: number % len(every)]]
        for definition in turned:
            tried = [each for each in self._history(definition) if not each.is_retryable]
            if len(tried) < space(self.job, definition).size:
                return definition
        return turned[0]

    def _search(self, definition: Document) -> Search:
        # "use the same seed to get the same configurations": whatever the tuning job is called
        seed = self._config.get("RandomSeed", f"{self.name}/{self.job['CreationTime']}")
        return Search(
            space=space(self.job, definition),
            strategy=self._config["Strategy"],
            maximise=maximises(self.job, definition),
            seed=f"{definition_name(definition)}/{seed}",
        )

    def _history(self, definition: Document) -> list[Trial]:
        """What was tried of this definition. What an internal error ended was not tried."""
        own = [each for each in self.trials if each.definition == definition_name(definition)]
        searched = space(self.job, definition)
        inherited = [each for each in self.parents if searched.contains(each.parameters)]
        return [*inherited, *(each for each in own if not each.is_retryable)]

    # what to stop

    def live(self) -> list[str]:
        return [each.name for each in self.trials if each.status == "InProgress"]

    def hopeless(self) -> list[str]:
        """Training jobs that early stopping or Hyperband ends."""
        if not self._is_watched:
            return []
        return [
            each.name
            for number, each in enumerate(self.trials)
            if each.status == "InProgress" and each.curve and self._is_hopeless(number)
        ]

    @property
    def _is_watched(self) -> bool:
        stopping = self._config.get("TrainingJobEarlyStoppingType", "Off")
        return bool(self._config["Strategy"] == "Hyperband" or stopping == "Auto")

    def _is_hopeless(self, number: int) -> bool:
        each = self.trials[number]
        definition = next(
            known for known in definitions(self.job) if definition_name(known) == each.definition
        )
        maximise = maximises(self.job, definition)
        peers = [one for one in self.trials if one.definition == each.definition]
        place = peers.index(each)
        bounds = resources(self.job, definition) if self._config["Strategy"] == "Hyperband" else None
        if bounds is not None:
            return is_out(bounds, place, [one.curve for one in peers], maximise=maximise)
        return is_behind(each, peers[:place], maximise=maximise)


def read_state(
    job: Document,
    training_jobs: Sequence[Document],
    parents: Sequence[Document],
    curve: Callable[[str], tuple[float, ...]],
) -> TuningState:
    """`curve` gives what a training job that still runs has written so far."""
    trials = [trial(each) for each in training_jobs]
    watched = [dataclasses.replace(each, curve=curve(each.name)) if each.is_live else each for each in trials]
    return TuningState(job, watched, [trial(each) for each in parents])
