"""Training jobs: what a caller may ask for, and the statuses a job goes through.

InProgress: Starting -> Pending -> Downloading -> Training -> Uploading   -> Completed | Failed
Stopping                                                                   -> Stopped (or MaxRuntimeExceeded)
Downloading is left out where no channel is in File mode.
"""

from __future__ import annotations

from collections.abc import Sequence

from sagemaker_local.events import training_job_event
from sagemaker_local.resources import quota, tags
from sagemaker_local.resources.algorithm_metrics import with_own_metrics
from sagemaker_local.resources.context import Context, Jobs, Request
from sagemaker_local.resources.job_life import INTERNAL_ERROR
from sagemaker_local.resources.listing import Listing, picked
from sagemaker_local.resources.training_checkpoints import check_local_path
from sagemaker_local.resources.training_output import model_uri
from sagemaker_local.runtime.backend import UnknownImageError
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document, Transaction
from sagemaker_local.wire.errors import resource_in_use, validation

KIND = "training-job"
_DAY = 86_400
_REASON_CHARACTERS = 1024
_WAITING = ("Starting", "Pending")
_ENDED = ("Completed", "Failed", "Stopped")
_FLAGS = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")
_NOT_RUN = ("ServerlessJobConfig", "MlflowConfig", "ModelPackageConfig")


def create_training_job(context: Context, request: Request) -> Document:
    name = request["TrainingJobName"]
    arn = context.arn(KIND, name.lower())
    if context.transaction.name_like(KIND, name):
        raise resource_in_use(
            "Training job names must be unique within an AWS account and region, and a training job with "
            f"this name already exists ({arn})"
        )
    check(context, request)
    begin(context.transaction, context.settings, context.training_jobs, request)
    return {"TrainingJobArn": arn}


def begin(transaction: Transaction, settings: Settings, jobs: Jobs, request: Request) -> Document:
    """Store a new job, InProgress, and begin its life after the commit; `request` was checked."""
    name = request["TrainingJobName"]
    arn = settings.arn(KIND, name.lower())
    job = {key: value for key, value in request.items() if key != "Tags"}
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
    for flag in _FLAGS:
        job.setdefault(flag, False)
    tags.attach_in(transaction, arn, request.get("Tags"))
    advance(transaction, job, "Starting", "Starting the training job.")
    transaction.after_commit(lambda: jobs.start(name))
    return job


def check(context: Context, request: Request) -> None:
    """Raise ServiceError for what AWS refuses, and for what is not done here."""
    for member in _NOT_RUN:
        if member in request:
            raise validation(f"The local SageMaker does not implement {member}; leave it out.")
    for member in ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition"):
        if member not in request:
            raise validation(f"{member} is required for training jobs.")
    _check_algorithm(context, request["AlgorithmSpecification"])
    with_own_metrics(request["AlgorithmSpecification"], request.get("HyperParameters", {}))
    _check_resources(context, request)
    mode = request["AlgorithmSpecification"]["TrainingInputMode"]
    for channel in request.get("InputDataConfig", []):
        _check_channel(channel, channel.get("InputMode", mode))
    check_local_path(request.get("CheckpointConfig", {}))
    names = [channel["ChannelName"] for channel in request.get("InputDataConfig", [])]
    if len(set(names)) < len(names):
        raise validation("Channel names must be unique within InputDataConfig.")


def _check_algorithm(context: Context, algorithm: Document) -> None:
    if "TrainingImage" not in algorithm:
        raise validation(
            "AlgorithmSpecification needs a TrainingImage; the local SageMaker knows no AlgorithmName."
        )
    try:
        context.backend.check(algorithm["TrainingImage"])
    except UnknownImageError as error:
        raise validation(f"Cannot find image {algorithm['TrainingImage']}. {error}") from error


def _check_resources(context: Context, request: Request) -> None:
    resources, stopping = request["ResourceConfig"], request["StoppingCondition"]
    if "InstanceType" not in resources or "InstanceCount" not in resources:
        raise validation(
            "ResourceConfig needs InstanceType and InstanceCount; instance groups are not implemented."
        )
    quota.check_job(context, "training", resources["InstanceType"], resources["InstanceCount"])
    longest = stopping.get("MaxWaitTimeInSeconds")
    if request.get("EnableManagedSpotTraining"):
        if longest is None or longest < stopping.get("MaxRuntimeInSeconds", _DAY):
            raise validation("MaxWaitTimeInSeconds must be equal to or greater than MaxRuntimeInSeconds.")
    elif longest is not None:
        raise validation("MaxWaitTimeInSeconds is only for jobs with EnableManagedSpotTraining.")


def _check_channel(channel: Document, mode: str) -> None:
    name = channel["ChannelName"]
    source = channel["DataSource"].get("S3DataSource")
    if source is None:
        raise validation(f"Channel {name}: the local SageMaker reads S3DataSource only.")
    kind = source["S3DataType"]
    if kind not in ("S3Prefix", "ManifestFile", "AugmentedManifestFile"):
        raise validation(f"Channel {name}: S3DataType {kind} is not implemented; use S3Prefix.")
    # "AugmentedManifestFile can only be used if the Channel's input mode is Pipe"; FastFile "supports S3 prefixes only"
    if kind == "AugmentedManifestFile" and mode != "Pipe":
        raise validation(f"Channel {name}: AugmentedManifestFile can only be used with input mode Pipe.")
    if kind == "AugmentedManifestFile" and not source.get("AttributeNames"):
        raise validation(f"Channel {name}: AugmentedManifestFile needs AttributeNames.")
    if kind != "S3Prefix" and mode == "FastFile":
        raise validation(f"Channel {name}: input mode FastFile takes S3DataType S3Prefix only.")


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
    """After a start of the plane: jobs that its last life left running have no programme any more.

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
