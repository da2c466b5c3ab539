"""Account quotas: a machine has an end, and AWS has words for it."""

from __future__ import annotations

from sagemaker_local.control.context import Context
from sagemaker_local.hosting import document as documents
from sagemaker_local.hosting.plan import goals
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import ServiceError


def check_job(context: Context, noun: str, instance_type: str, asked: int) -> None:
    """Raise ResourceLimitExceeded for a job with more instances than one job may have here."""
    limit = context.settings.training_instances
    if asked > limit:
        raise _exceeded(f"{instance_type} for {noun} job usage", limit, 0, asked)


def check_endpoints(context: Context, name: str, target: Document) -> None:
    """Raise ResourceLimitExceeded when all endpoints together would have more instances than the plane runs."""
    limit = context.settings.endpoint_instances
    others = [each for each in context.transaction.every(documents.KIND) if each["EndpointName"] != name]
    used = sum(_instances(each.get("_Target") or each.get("_Served") or {}) for each in others)
    asked = _instances(target)
    if used + asked > limit:
        kind = target["Variants"][0]["InstanceType"]
        raise _exceeded(f"{kind} for endpoint usage", limit, used, asked)


def _instances(target: Document) -> int:
    return sum(goal["InstanceCount"] for goal in goals(target))


def _exceeded(what: str, limit: int, used: int, asked: int) -> ServiceError:
    return ServiceError(
        "ResourceLimitExceeded",
        f"The account-level service limit '{what}' is {limit} Instances, with current utilization of {used} "
        f"Instances and a request delta of {asked} Instances. SAGEMAKER_LOCAL_ENDPOINT_INSTANCES and "
        "SAGEMAKER_LOCAL_TRAINING_INSTANCES set the limits of the local SageMaker.",
    )
