"""Hyperparameter tuning jobs: many training jobs that look for the hyperparameters with the best objective."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagemaker_local.control import tags
from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import Listing, counted, picked
from sagemaker_local.jobs import filled
from sagemaker_local.store import Document
from sagemaker_local.tuning import checks
from sagemaker_local.tuning.document import ENDED, KIND, described, save, summary, training_jobs
from sagemaker_local.wire.errors import resource_in_use, resource_not_found, validation


def create_hyper_parameter_tuning_job(context: Context, request: Request) -> Document:
    name = request["HyperParameterTuningJobName"]
    arn = context.arn(KIND, name.lower())
    if context.transaction.name_like(KIND, name):
        raise resource_in_use(
            f"A hyperparameter tuning job with the name, {name}, already exists. Choose a different name."
        )
    checks.check(context, request)
    job = {key: value for key, value in request.items() if key != "Tags"}
    job |= {
        "HyperParameterTuningJobArn": arn,
        "HyperParameterTuningJobStatus": "InProgress",
        "CreationTime": context.now,
        "_TrainingJobs": [],
    }
    tags.attach(context, arn, request.get("Tags"))
    save(context.transaction, job)
    context.transaction.after_commit(lambda: context.tuning_jobs.start(name))
    return {"HyperParameterTuningJobArn": arn}


def describe_hyper_parameter_tuning_job(context: Context, request: Request) -> Document:
    job = find(context, request["HyperParameterTuningJobName"])
    config = "HyperParameterTuningJobConfig"
    job = job | {config: filled.tuning_config(job[config])}
    if "TrainingJobDefinition" in job:
        return job | {"TrainingJobDefinition": described(job, job["TrainingJobDefinition"])}
    return job | {"TrainingJobDefinitions": [described(job, each) for each in job["TrainingJobDefinitions"]]}


def stop_hyper_parameter_tuning_job(context: Context, request: Request) -> None:
    job = find(context, request["HyperParameterTuningJobName"])
    status = job["HyperParameterTuningJobStatus"]
    if status in ENDED:
        raise validation(
            f"The request was rejected because the hyperparameter tuning job is in status {status}."
        )
    if status == "Stopping":
        return
    jobs = training_jobs(context.transaction, job)
    save(context.transaction, job, jobs, HyperParameterTuningJobStatus="Stopping")
    context.transaction.after_commit(lambda: context.tuning_jobs.stop(job["HyperParameterTuningJobName"]))


def delete_hyper_parameter_tuning_job(context: Context, request: Request) -> None:
    """Forget a tuning job that has ended, or never was; its training jobs stay."""
    name = request["HyperParameterTuningJobName"]
    job = context.transaction.get(KIND, name)
    if job is None:
        return
    status = job["HyperParameterTuningJobStatus"]
    if status not in ENDED:
        raise validation(
            f"The request was rejected because the hyperparameter tuning job is in status {status}."
        )
    context.transaction.delete(KIND, name)
    tags.detach(context, job["HyperParameterTuningJobArn"])


def _summary(job: Document) -> Document:
    config = job["HyperParameterTuningJobConfig"]
    return _SUMMARY(job) | {"Strategy": config["Strategy"], "ResourceLimits": config["ResourceLimits"]}


_SUMMARY = picked(
    "HyperParameterTuningJobName",
    "HyperParameterTuningJobArn",
    "HyperParameterTuningJobStatus",
    "CreationTime",
    "HyperParameterTuningEndTime",
    "LastModifiedTime",
    "TrainingJobStatusCounters",
    "ObjectiveStatusCounters",
)
list_hyper_parameter_tuning_jobs = Listing(
    KIND, "HyperParameterTuningJobSummaries", _summary, order="Ascending", sort="Name"
)


def list_training_jobs_for_hyper_parameter_tuning_job(context: Context, request: Request) -> Document:
    """Its training jobs; by name, unless another order is asked for."""
    job = find(context, request["HyperParameterTuningJobName"])
    found = [summary(each) for each in training_jobs(context.transaction, job)]
    if "StatusEquals" in request:
        found = [each for each in found if each["TrainingJobStatus"] == request["StatusEquals"]]
    order = request.get("SortBy", "Name")
    if order == "FinalObjectiveMetricValue":  # those that have none yet, or never will, are left out
        found = [each for each in found if _value(each) is not None]
    way = request.get("SortOrder", "Ascending")
    found.sort(key=_RANKS[order], reverse=way == "Descending")
    listed = f"TrainingJobSummaries {job['HyperParameterTuningJobName']} {order} {way}"
    page, more = counted(listed, found, request)
    return {"TrainingJobSummaries": page} | more


def _value(each: Document) -> Any:
    return each.get("FinalHyperParameterTuningJobObjectiveMetric", {}).get("Value")


_RANKS: dict[str, Callable[[Document], Any]] = {
    "Name": lambda each: each["TrainingJobName"],
    "CreationTime": lambda each: each["CreationTime"],
    "Status": lambda each: each["TrainingJobStatus"],
    "FinalObjectiveMetricValue": _value,
}


def find(context: Context, name: str) -> Document:
    """The job's document; raises ServiceError in AWS's words when there is none."""
    document = context.transaction.get(KIND, name)
    if document is None:
        raise resource_not_found(f"Amazon SageMaker can't find a tuning job with the name {name}.")
    return document
