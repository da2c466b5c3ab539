"""Training jobs: what a caller may ask for, and the statuses a job goes through.

InProgress: Starting -> Pending -> Downloading -> Training -> Uploading   -> Completed | Failed
Stopping                                                                   -> Stopped (or MaxRuntimeExceeded)
Downloading is left out where no channel is in File mode.
"""

from __future__ import annotations

from collections.abc import Sequence

from sagemaker_local.control import tags
from sagemaker_local.control.context import Context, Jobs, Request
from sagemaker_local.control.listing import Listing, equals, picked
from sagemaker_local.events import training_job_event
from sagemaker_local.jobs import filled
from sagemaker_local.jobs.life import INTERNAL_ERROR
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document, Transaction
from sagemaker_local.training import checks
from sagemaker_local.training.algorithm_metrics import with_own_metrics
from sagemaker_local.training.output import model_uri
from sagemaker_local.wire.errors import resource_in_use, resource_not_found, validation

KIND = "training-job"
_DAY = 86_400
_REASON_CHARACTERS = 1024
_WAITING = ("Starting", "Pending")
_ENDED = ("Completed", "Failed", "Stopped")


def create_training_job(context: Context, request: Request) -> Document:
    name = request["TrainingJobName"]
    arn = context.arn(KIND, name.lower())
    if context.transaction.name_like(KIND, name):
        raise resource_in_use(
            "Training job names must be unique within an AWS account and region, and a training job with "
            f"this name already exists ({arn})"
        )
    checks.check(context, request)
    begin(context.transaction, context.settings, context.training_jobs, request)
    return {"TrainingJobArn": arn}


def begin(transaction: Transaction, settings: Settings, jobs: Jobs, request: Request) -> Document:
    """Store a new job, InProgress, and begin its life after the commit; `request` was checked."""
    name = request["TrainingJobName"]
    arn = settings.arn(KIND, name.lower())
    job = filled.training({key: value for key, value in request.items() if key != "Tags"})
    job |= {
        "TrainingJobArn": arn,
        "TrainingJobStatus": "InProgress",
        "CreationTime": transaction.now,
        "SecondaryStatusTransitions": [],
        # "the S3 location that is configured for storing model artifacts": there from the start
        "ModelArtifacts": {"S3ModelArtifacts": model_uri(request)},
        "StoppingCondition": {"MaxRuntimeInSeconds": _DAY} | request["StoppingCondition"],
        "AlgorithmSpecification": with_own_metrics(
            request["AlgorithmSpecification"], request.get("HyperParameters", {})
        ),
    }
    tags.attach_in(transaction, arn, request.get("Tags"))
    advance(transaction, job, "Starting", "Starting the training job.")
    transaction.after_commit(lambda: jobs.start(name))
    return job


def describe_training_job(context: Context, request: Request) -> Document:
    return find(context, request["TrainingJobName"])


def stop_training_job(context: Context, request: Request) -> None:
    job = find(context, request["TrainingJobName"])
    status = job["TrainingJobStatus"]
    if status in _ENDED:
        raise validation(f"The request was rejected because the training job is in status {status}.")
    if status == "Stopping":
        return
    stop(context.transaction, job["TrainingJobName"])
    context.transaction.after_commit(lambda: context.training_jobs.stop(job["TrainingJobName"]))


def delete_training_job(context: Context, request: Request) -> None:
    """Forget a job that has ended: "you can reuse its name"; its artifacts stay in S3."""
    name = request["TrainingJobName"]
    job = context.transaction.get(KIND, name)
    if job is None:
        raise resource_not_found("Requested resource not found.")
    if job["TrainingJobStatus"] not in _ENDED:
        raise resource_in_use(
            f"The request was rejected because the training job is in status {job['TrainingJobStatus']}."
        )
    context.transaction.delete(KIND, name)
    tags.detach(context, job["TrainingJobArn"])


list_training_jobs = Listing(
    KIND,
    "TrainingJobSummaries",
    picked(
        "TrainingJobName",
        "TrainingJobArn",
        "CreationTime",
        "TrainingEndTime",
        "LastModifiedTime",
        "TrainingJobStatus",
        "SecondaryStatus",
    ),
    order="Ascending",
    # "When StatusEquals and MaxResults are set at the same time, the MaxResults number of training jobs are first
    # retrieved ignoring the StatusEquals parameter and then they are filtered", "from the most current to the oldest"
    # there are no warm pools and no training plans here: nothing is in one
    narrowed={
        "StatusEquals": equals("TrainingJobStatus"),
        "WarmPoolStatusEquals": equals("WarmPoolStatus"),
        "TrainingPlanArnEquals": equals("TrainingPlanArn"),
    },
    sized=("StatusEquals",),
)


def find(context: Context, name: str) -> Document:
    """The job's document; raises ServiceError in AWS's words when there is none."""
    document = context.transaction.get(KIND, name)
    if document is None:
        raise validation("Requested resource not found.")
    return document


def advance(transaction: Transaction, job: Document, secondary: str, message: str) -> None:
    """Enter a secondary status: close the transition before, open the next, save, and tell EventBridge."""
    now = transaction.now
    transitions = job["SecondaryStatusTransitions"]
    if transitions:
        transitions[-1]["EndTime"] = now
    transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": message})
    job |= {"SecondaryStatus": secondary, "LastModifiedTime": now}
    if job["TrainingJobStatus"] in _ENDED:
        transitions[-1]["EndTime"] = now
    transaction.put(KIND, job["TrainingJobName"], job, status=job["TrainingJobStatus"])
    transaction.emit(training_job_event(now, job, tags.tag_map(transaction, job["TrainingJobArn"])))


def progress(transaction: Transaction, name: str, secondary: str, message: str) -> None:
    """The next step of a job that still runs; a job that was asked to stop stays Stopping."""
    job = transaction.get(KIND, name)
    if job is None or job["TrainingJobStatus"] != "InProgress":
        return
    if secondary in ("Downloading", "Training"):
        job.setdefault("TrainingStartTime", transaction.now)
    advance(transaction, job, secondary, message)


def provisioned(transaction: Transaction, name: str, resources: Document) -> None:
    """The instances that it got: "Returned by DescribeTrainingJob after an instance type is selected"."""
    job = transaction.get(KIND, name)
    if job is not None and job["ResourceConfig"] != resources:
        job["ResourceConfig"] = resources
        transaction.put(KIND, name, job, status=job["TrainingJobStatus"])


def stop(transaction: Transaction, name: str) -> None:
    """The job is asked to stop, by a caller or because its time is over."""
    job = transaction.get(KIND, name)
    if job is not None and job["TrainingJobStatus"] == "InProgress":
        job["TrainingJobStatus"] = "Stopping"
        advance(transaction, job, "Stopping", "Stopping the training job")


def end(
    transaction: Transaction,
    name: str,
    status: str,
    secondary: str,
    *,
    reason: str | None,
    metrics: list[Document] | None = None,
    curve: Sequence[float] = (),
) -> None:
    """The end of a job: its FailureReason and FinalMetricDataList, where there are any, and its objective's curve."""
    job = transaction.get(KIND, name)
    if job is None or job["TrainingJobStatus"] in _ENDED:
        return
    job["TrainingJobStatus"] = status
    if reason is not None:
        job["FailureReason"] = reason[:_REASON_CHARACTERS]
    if metrics:
        job["FinalMetricDataList"] = metrics
    if curve:
        job["_Curve"] = list(curve)
    if "TrainingStartTime" in job:
        seconds = max(1, round(transaction.now - job["TrainingStartTime"]))
        job |= {
            "TrainingEndTime": transaction.now,
            "TrainingTimeInSeconds": seconds,
            "BillableTimeInSeconds": seconds,
        }
    messages = {
        "Completed": "Training job completed",
        "Failed": "Training job failed",
        "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds",
        "MaxWaitTimeExceeded": "Training job waited longer than MaxWaitTimeInSeconds",
    }
    advance(transaction, job, secondary, messages.get(secondary, "Training job stopped"))


def fail_interrupted(transaction: Transaction) -> list[str]:
    """After a start of the plane: jobs that its last life left running have no program any more.

    RetryStrategy is for such internal errors: a job that has attempts left begins anew instead.
    """
    failed = []
    for job in _live(transaction):
        if job["SecondaryStatus"] in _WAITING or "TrainingStartTime" not in job:
            continue
        attempts = job.get("_Attempts", 0)
        if job["TrainingJobStatus"] == "InProgress" and attempts < _attempts_allowed(job):
            job["_Attempts"] = attempts + 1
            advance(transaction, job, "Starting", "Starting the training job again after an internal error.")
            continue
        end(transaction, job["TrainingJobName"], "Failed", "Failed", reason=INTERNAL_ERROR)
        failed.append(job["TrainingJobName"])
    return failed


def waiting(transaction: Transaction) -> list[tuple[str, bool]]:
    """Jobs that have not ended and run nowhere, oldest first; with whether they are Stopping."""
    return [(job["TrainingJobName"], job["TrainingJobStatus"] == "Stopping") for job in _live(transaction)]


def _live(transaction: Transaction) -> list[Document]:
    return transaction.every(KIND, "InProgress", "Stopping")


def _attempts_allowed(job: Document) -> int:
    return int(job.get("RetryStrategy", {}).get("MaximumRetryAttempts", 0))
