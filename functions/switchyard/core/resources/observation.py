"""Has what we wait for come true? Pure functions over what Describe* answered.

Events are best effort and can be repeated or stale, so an event only says "look": these functions decide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from switchyard.core.resources.guardrails import is_guarded_by
from switchyard.core.run import RunState

WEIGHT_TOLERANCE = 1e-6
JOB_STATUS = {
    "training-job": "TrainingJobStatus",
    "hyper-parameter-tuning-job": "HyperParameterTuningJobStatus",
    "processing-job": "ProcessingJobStatus",
    "transform-job": "TransformJobStatus",
}
# "OutOfService: Endpoint is not available to take incoming requests"; "UpdateRollbackFailed: Both the rolling
# deployment and auto-rollback failed. Your endpoint is in service with a mix of the old and new" configurations.
BROKEN = ("Failed", "OutOfService", "UpdateRollbackFailed")
CHANGING = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")


class Progress(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Observation:
    """Where a resource stands; `found` is merged into the answer of the token."""

    progress: Progress
    reason: str = ""
    found: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Expected:
    """What an endpoint has to look like: its config, the weights by variant, that it is gone, or only that it has
    settled, as whatever it is.

    alarms: they may take the config back, and that is then an answer and no error. again: once it has settled, whoever
    waits asks again.
    """

    config: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    gone: bool = False
    settled: bool = False
    again: bool = False
    alarms: Sequence[str] = ()


@dataclass(frozen=True)
class Asked:
    """A change that is waited for. before: `changed_at` of the resource before it; ago: seconds; at: when it was asked
    for first, in seconds since the epoch; None: it has not been yet, since it waits in line for instances.
    """

    before: str
    ago: float
    at: float | None = 0.0


PENDING = Observation(Progress.PENDING)
SETTLING = 60.0  # seconds after which DescribeEndpoint surely knows of a change that was accepted


def observe_training(description: Mapping[str, Any] | None) -> Observation:
    """`Stopped` is a failure here: a model that ran out of time is not what was asked for."""
    if description is None:
        return PENDING
    status = description["TrainingJobStatus"]
    if status == "Completed":
        artifact = description["ModelArtifacts"]["S3ModelArtifacts"]
        return Observation(Progress.DONE, found={"artifact": artifact})
    if status in ("Failed", "Stopped"):
        why = description.get("FailureReason") or description.get("SecondaryStatus", status)
        return Observation(Progress.FAILED, f"training job {description['TrainingJobName']} {status}: {why}")
    return PENDING


def has_ended(kind: str, description: Mapping[str, Any] | None) -> bool:
    """True of a job that uses no instances any more, and of what is not there. kind: as in its ARN."""
    if description is None:
        return True
    return kind in JOB_STATUS and description[JOB_STATUS[kind]] in ("Completed", "Failed", "Stopped")


def observe_package(description: Mapping[str, Any] | None) -> Observation:
    """Done when a person has said yes or no: ModelApprovalStatus Approved or Rejected, with who said it and why."""
    status = (description or {}).get("ModelApprovalStatus", "")
    if description is None or status not in ("Approved", "Rejected"):
        return PENDING
    who, comment = _who(description) or "somebody", str(description.get("ApprovalDescription", ""))
    reason = f"{status} in the model registry by {who}" + (f": {comment}" if comment else "")
    return Observation(Progress.DONE, found={"status": status, "reason": reason})


def _who(description: Mapping[str, Any]) -> str:
    """ "LastModifiedBy: Information about the user who created or modified" it (DescribeModelPackage)."""
    user = description.get("LastModifiedBy") or {}
    return str(user.get("UserProfileName") or user.get("IamIdentity", {}).get("Arn") or "")


def observe_processing(description: Mapping[str, Any] | None) -> Observation:
    """A processing job's own last words are in ExitMessage; FailureReason is SageMaker's."""
    if description is None:
        return PENDING
    status = description["ProcessingJobStatus"]
    if status == "Completed":
        return Observation(Progress.DONE)
    if status in ("Failed", "Stopped"):
        said = (description.get("FailureReason"), description.get("ExitMessage"))
        why = "; ".join(each for each in said if each) or status
        return Observation(
            Progress.FAILED, f"processing job {description['ProcessingJobName']} {status}: {why}"
        )
    return PENDING


def observe_transform(description: Mapping[str, Any] | None) -> Observation:
    """`Stopped` is a failure: predictions for some rows only cannot be paired."""
    status = (description or {}).get("TransformJobStatus", "")
    if description is None or status not in ("Completed", "Failed", "Stopped"):
        return PENDING
    if status == "Completed":
        return Observation(Progress.DONE)
    why = description.get("FailureReason", status)
    return Observation(Progress.FAILED, f"transform job {description['TransformJobName']} {status}: {why}")


def observe_tuning(description: Mapping[str, Any] | None, best: Mapping[str, Any] | None) -> Observation:
    """Done with the model of the best training job; `best` is that job's own description."""
    if description is None:
        return PENDING
    status, name = description["HyperParameterTuningJobStatus"], description["HyperParameterTuningJobName"]
    if status in ("Failed", "Stopped"):
        return Observation(
            Progress.FAILED, f"tuning job {name} {status}: {description.get('FailureReason', status)}"
        )
    if status != "Completed":
        return PENDING
    if best is None or "ModelArtifacts" not in best:
        return Observation(
            Progress.FAILED,
            f"tuning job {name} has no best training job: no job's log had the objective metric; see "
            f"tuning.objective and training.metric_definitions",
        )
    found = {"job": best["TrainingJobName"], "artifact": best["ModelArtifacts"]["S3ModelArtifacts"]}
    return Observation(Progress.DONE, found=found)


def best_job(description: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The winner of a tuning job: name, hyperparameters, objective; empty when there is none."""
    winner = (description or {}).get("BestTrainingJob") or {}
    if not winner:
        return {}
    final = winner.get("FinalHyperParameterTuningJobObjectiveMetric", {})
    return {
        "training_job": winner["TrainingJobName"],
        "hyperparameters": dict(winner.get("TunedHyperParameters", {})),
        "objective": {"metric": final.get("MetricName", ""), "value": final.get("Value")},
    }


def changed_at(description: Mapping[str, Any] | None) -> str:
    """When a resource last changed, to be compared; empty where it is not there."""
    return str((description or {}).get("LastModifiedTime", ""))


def observe_endpoint(
    description: Mapping[str, Any] | None, expected: Expected, asked: Asked | None = None
) -> Observation:
    """Done when the endpoint is in service exactly as expected; failed when it fell back or broke."""
    if expected.settled:
        changes = description is not None and description["EndpointStatus"] in CHANGING
        return PENDING if changes else Observation(Progress.DONE)
    if description is None:
        return Observation(Progress.DONE) if expected.gone else PENDING
    status, name = description["EndpointStatus"], description["EndpointName"]
    if expected.gone:
        return PENDING
    if status in BROKEN:
        return Observation(Progress.FAILED, f"endpoint {name}: {status}: {_why(description)}")
    if status != "InService":
        return PENDING
    if expected.config and description["EndpointConfigName"] != expected.config:
        return _fell_back(description, tuple(expected.alarms), asked)
    return Observation(Progress.DONE) if _has_weights(description, expected.weights) else PENDING


def _fell_back(description: Mapping[str, Any], alarms: tuple[str, ...], asked: Asked | None) -> Observation:
    """InService as before: after an update that failed, or because DescribeEndpoint is behind the update that was asked
    for. Of a guarded shift LastDeploymentConfig says that it is over: "the most recent deployment configuration".
    """
    if not (_has_come_back(description, asked) or (alarms and is_guarded_by(description, alarms))):
        return PENDING
    if not alarms:
        name, config = description["EndpointName"], description["EndpointConfigName"]
        return Observation(Progress.FAILED, f"endpoint {name} fell back to {config}: {_why(description)}")
    said = description.get("FailureReason") or (
        f"SageMaker gives no reason; look at the history of {' and '.join(alarms)}"
    )
    reason = f"SageMaker's guardrails gave everything back: {said}"
    return Observation(
        Progress.DONE, found={"kind": "restore", "state": RunState.ROLLED_BACK.value, "reason": reason}
    )


def _has_come_back(description: Mapping[str, Any], asked: Asked | None) -> bool:
    """It has changed since it was asked. FailureReason alone does not say so: it may be an older update's, or empty
    though the update has failed.
    """
    why = bool(description.get("FailureReason"))
    if asked is None or description.get("PendingDeploymentSummary"):
        return why and asked is None and not description.get("LastDeploymentConfig")
    return _has_changed(description, asked) and (why or asked.ago >= SETTLING)


def _has_changed(description: Mapping[str, Any], asked: Asked) -> bool:
    """Since it was asked: `before` itself may have been read from a description that was behind."""
    changed = description.get("LastModifiedTime")
    if asked.at is None or (isinstance(changed, datetime) and changed.timestamp() <= asked.at):
        return False
    return changed_at(description) != asked.before


def _why(description: Mapping[str, Any]) -> str:
    return str(
        description.get("FailureReason")
        or "SageMaker gives no reason; look at the logs of its variants in CloudWatch"
    )


def _has_weights(description: Mapping[str, Any], weights: Mapping[str, float]) -> bool:
    current = variant_weights(description)
    return all(abs(current.get(name, -1.0) - weight) <= WEIGHT_TOLERANCE for name, weight in weights.items())


def variant_weights(description: Mapping[str, Any]) -> dict[str, float]:
    """Current weight by variant name."""
    variants = description.get("ProductionVariants", [])
    return {v["VariantName"]: float(v.get("CurrentWeight", 0.0)) for v in variants}
