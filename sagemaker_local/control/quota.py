"""Account quotas: how many instances a job or all endpoints may have, and AWS's words beyond that."""

from __future__ import annotations

from sagemaker_local.control.context import Context
from sagemaker_local.wire.errors import ServiceError, limit_exceeded


def check_job(context: Context, noun: str, instance_type: str, asked: int) -> None:
    """Raise ResourceLimitExceeded for a job with more instances than one job may have here."""
    limit = context.settings.training_instances
    if asked > limit:
        raise exceeded(f"{instance_type} for {noun} job usage", limit, 0, asked)


def exceeded(what: str, limit: int, used: int, asked: int) -> ServiceError:
    """The refusal of a limit that this plane sets."""
    advice = (
        "SAGEMAKER_LOCAL_ENDPOINT_INSTANCES and SAGEMAKER_LOCAL_TRAINING_INSTANCES set the limits of the local "
        "SageMaker."
    )
    return limit_exceeded(what, limit, used, asked, advice)
