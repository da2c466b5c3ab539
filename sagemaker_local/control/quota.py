"""Account quotas: how many instances a job or all endpoints may have, by type and usage; beyond that AWS's words."""

from __future__ import annotations

from collections.abc import Iterator

from sagemaker_local.control.context import Context
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import ServiceError, limit_exceeded

_OPEN = ("InProgress", "Stopping")


def check_job(context: Context, noun: str, instance_type: str, asked: int) -> None:
    """Raise ResourceLimitExceeded for a job with more instances than one job, or its type and usage, may have here."""
    what, limit = f"{instance_type} for {noun} job usage", context.settings.training_instances
    if asked > limit:
        raise exceeded(what, limit, 0, asked)
    jobs = context.transaction.every(f"{noun}-job", *_OPEN)
    check_type(context, noun, instance_type, what, sum(_of_type(jobs, instance_type)), asked)


def check_type(context: Context, usage: str, instance_type: str, what: str, used: int, asked: int) -> None:
    """Raise ResourceLimitExceeded beyond the quota of one instance type for one usage, where there is one."""
    limit = context.settings.quotas.get(f"{usage}/{instance_type}")
    if limit is not None and used + asked > limit:
        raise exceeded(what, limit, used, asked)


def exceeded(what: str, limit: int, used: int, asked: int) -> ServiceError:
    """The refusal of a limit that this plane sets."""
    advice = (
        "SAGEMAKER_LOCAL_QUOTAS, SAGEMAKER_LOCAL_ENDPOINT_INSTANCES and SAGEMAKER_LOCAL_TRAINING_INSTANCES set the "
        "limits of the local SageMaker."
    )
    return limit_exceeded(what, limit, used, asked, advice)


def _of_type(documents: list[Document] | Document, instance_type: str) -> Iterator[int]:
    """InstanceCount wherever it stands beside this InstanceType, however deep."""
    values = documents.values() if isinstance(documents, dict) else documents
    if isinstance(documents, dict) and documents.get("InstanceType") == instance_type:
        yield int(documents.get("InstanceCount", 0))
    for each in values:
        if isinstance(each, dict | list):
            yield from _of_type(each, instance_type)
