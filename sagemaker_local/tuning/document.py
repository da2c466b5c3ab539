"""The document of a tuning job: what its members mean, which training jobs it has, how it is saved.

InProgress -> Completed | Failed        InProgress -> Stopping -> Stopped

Private members: `_TrainingJobs` (names, in the order of their starts) here; `_Tuning` and `_Curve` in the documents
of its training jobs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sagemaker_local.control import tags
from sagemaker_local.events import tuning_job_event
from sagemaker_local.jobs import filled
from sagemaker_local.store import Document, Transaction
from sagemaker_local.training import api
from sagemaker_local.training.algorithm_metrics import with_own_metrics
from sagemaker_local.tuning.strategy.hyperband import Resources
from sagemaker_local.tuning.strategy.space import Space, read_space
from sagemaker_local.tuning.strategy.trial import (
    Trial,
    best,
    objective_counters,
    status_counters,
    trials_not_improving,
)

KIND = "hyper-parameter-tuning-job"
ENDED = ("Completed", "Failed", "Stopped")
_REASON_CHARACTERS = 1024
_EPOCHS = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")
_INSTANCES = ("InstanceType", "InstanceCount", "VolumeSizeInGB")
_FINAL = "FinalHyperParameterTuningJobObjectiveMetric"
OBJECTIVE = "_tuning_objective_metric"
_SHARED = (
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "VpcConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "RetryStrategy",
    "Environment",
)


# What a request, or the document made of it, says


def definitions(job: Document) -> list[Document]:
    """TrainingJobDefinition, or all of TrainingJobDefinitions."""
    return [job["TrainingJobDefinition"]] if "TrainingJobDefinition" in job else job["TrainingJobDefinitions"]


def definition_name(definition: Document) -> str:
    return str(definition.get("DefinitionName", ""))


def objective(job: Document, definition: Document) -> Document | None:
    """`{"Type": "Minimize", "MetricName": ...}` of one definition."""
    config = job["HyperParameterTuningJobConfig"]
    found: Document | None = definition.get("TuningObjective", config.get("HyperParameterTuningJobObjective"))
    return found


def maximises(job: Document, definition: Document | None = None) -> bool:
    goal = objective(job, definition or definitions(job)[0])
    return goal is not None and goal["Type"] == "Maximize"


def space(job: Document, definition: Document) -> Space:
    """The ranges of one definition; raises RangeError."""
    ranges = definition.get("HyperParameterRanges")
    return read_space(ranges or job["HyperParameterTuningJobConfig"].get("ParameterRanges", {}))


def static_hyperparameters(definition: Document) -> dict[str, str]:
    return dict(definition.get("StaticHyperParameters", {}))


def resources(job: Document, definition: Document) -> Resources | None:
    """What Hyperband gives: "attempts to infer MaxResource from" epochs and its spellings; None without either."""
    config = job["HyperParameterTuningJobConfig"].get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    static = static_hyperparameters(definition)
    told = [static[name] for name in _EPOCHS if static.get(name, "").isdecimal()]
    most = config.get("MaxResource", int(told[0]) if told else None)
    return None if most is None else Resources(config.get("MinResource", 1), most)


def training_request(name: str, definition: Document, tuned: dict[str, str], metric: str = "") -> Document:
    """The CreateTrainingJob that a definition stands for, with `tuned` hyperparameters."""
    static = static_hyperparameters(definition)
    given = definition.get("HyperParameterTuningResourceConfig", {})
    instances = given | (given.get("InstanceConfigs") or [{}])[0]
    request = {member: definition[member] for member in _SHARED if member in definition}
    return request | {
        "TrainingJobName": name,
        "AlgorithmSpecification": with_own_metrics(definition["AlgorithmSpecification"], static),
        "HyperParameters": static | tuned | ({OBJECTIVE: metric} if metric else {}),
        "ResourceConfig": definition.get("ResourceConfig")
        or {member: instances[member] for member in _INSTANCES if member in instances},
    }


def described(job: Document, definition: Document) -> Document:
    """A definition as Describe answers it: with what AWS fills in, the reserved hyperparameter too."""
    goal = objective(job, definition)
    reserved = {OBJECTIVE: goal["MetricName"]} if goal else {}
    static = static_hyperparameters(definition)
    shown = filled.training(definition) | {
        "StaticHyperParameters": static | reserved,
        "AlgorithmSpecification": with_own_metrics(definition["AlgorithmSpecification"], static),
    }
    if "HyperParameterRanges" in definition:
        shown["HyperParameterRanges"] = filled.parameter_ranges(definition["HyperParameterRanges"])
    return shown


# Its training jobs


def training_jobs(transaction: Transaction, job: Document) -> list[Document]:
    """The documents of its training jobs, in the order of their starts."""
    found = (transaction.get(api.KIND, name) for name in job["_TrainingJobs"])
    return [each for each in found if each is not None]


def trial(each: Document) -> Trial:
    """A training job's document as the decisions see it."""
    tuning, status = each["_Tuning"], each["TrainingJobStatus"]
    reason = each.get("FailureReason", "")
    return Trial(
        name=each["TrainingJobName"],
        definition=tuning["Definition"],
        parameters=tuning["TunedHyperParameters"],
        status=status,
        objective=_final_value(each) if status in ("Completed", "Stopped") else None,
        curve=tuple(each.get("_Curve", ())),
        is_retryable=status == "Failed" and reason.startswith("InternalServerError"),
    )


def _final_value(each: Document) -> float | None:
    metric = each["_Tuning"]["Objective"]["MetricName"]
    values = [
        point["Value"] for point in each.get("FinalMetricDataList", []) if point["MetricName"] == metric
    ]
    return values[-1] if values else None


def summary(each: Document) -> Document:
    """HyperParameterTrainingJobSummary."""
    tuning, seen = each["_Tuning"], trial(each)
    answer = {name: each[name] for name in ("TrainingJobName", "TrainingJobArn", "CreationTime")}
    for name in ("TrainingStartTime", "TrainingEndTime", "TrainingJobStatus", "FailureReason"):
        if name in each:
            answer[name] = each[name]
    answer |= {
        "TunedHyperParameters": tuning["TunedHyperParameters"],
        "TuningJobName": tuning["Job"],
        "ObjectiveStatus": seen.objective_status,
    }
    if seen.definition:
        answer["TrainingJobDefinitionName"] = seen.definition
    if seen.objective is not None:
        answer[_FINAL] = tuning["Objective"] | {"Value": seen.objective}
    return answer


# Saving


def save(transaction: Transaction, job: Document, jobs: Sequence[Document] = (), **members: Any) -> None:
    """Write the document with `members`, its counters and its best training job; tell EventBridge what is new."""
    before = {name: job.get(name) for name in _TOLD}
    trials = [trial(each) for each in jobs]
    job |= members | {
        "TrainingJobStatusCounters": status_counters(trials),
        "ObjectiveStatusCounters": objective_counters(trials),
    }
    leader = best(trials, maximise=maximises(job))
    if leader is not None:
        job["BestTrainingJob"] = summary(jobs[trials.index(leader)])
        since = trials_not_improving(trials, maximise=maximises(job))
        job["TuningJobCompletionDetails"] = {"NumberOfTrainingJobsObjectiveNotImproving": since}
    overall = _overall_best(transaction, job)
    if overall is not None:
        job["OverallBestTrainingJob"] = overall
    if before == {name: job.get(name) for name in _TOLD} and not members:
        return
    job["LastModifiedTime"] = transaction.now
    name, status = job["HyperParameterTuningJobName"], job["HyperParameterTuningJobStatus"]
    transaction.put(KIND, name, job, status=status)
    tag_map = tags.tag_map(transaction, job["HyperParameterTuningJobArn"])
    transaction.emit(tuning_job_event(transaction.now, job, tag_map))


def parents(transaction: Transaction, job: Document) -> list[Document]:
    """The tuning jobs that this one starts warm from."""
    named = job.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
    found = (transaction.get(KIND, each["HyperParameterTuningJobName"]) for each in named)
    return [each for each in found if each is not None]


def _overall_best(transaction: Transaction, job: Document) -> Document | None:
    """ "If the hyperparameter tuning job is an warm start tuning job with a WarmStartType of
    IDENTICAL_DATA_AND_ALGORITHM": the best of this job and its parents."""
    if job.get("WarmStartConfig", {}).get("WarmStartType") != "IdenticalDataAndAlgorithm":
        return None
    ancestors = parents(transaction, job)
    bests = [job.get("BestTrainingJob")]
    bests += [each.get("OverallBestTrainingJob", each.get("BestTrainingJob")) for each in ancestors]
    known = [each for each in bests if each is not None]
    choose = max if maximises(job) else min
    return choose(known, key=lambda each: each[_FINAL]["Value"], default=None)


_TOLD = (
    "HyperParameterTuningJobStatus",
    "TrainingJobStatusCounters",
    "ObjectiveStatusCounters",
    "BestTrainingJob",
)


def end(transaction: Transaction, name: str, status: str, reason: str | None = None) -> None:
    """The end of a tuning job, with its FailureReason where there is one. A job ends once."""
    job = transaction.get(KIND, name)
    if job is None or job["HyperParameterTuningJobStatus"] in ENDED:
        return
    members: Document = {
        "HyperParameterTuningJobStatus": status,
        "HyperParameterTuningEndTime": transaction.now,
        "ConsumedResources": {"RuntimeInSeconds": round(transaction.now - job["CreationTime"])},
    }
    if reason is not None:
        members["FailureReason"] = reason[:_REASON_CHARACTERS]
    save(transaction, job, training_jobs(transaction, job), **members)
