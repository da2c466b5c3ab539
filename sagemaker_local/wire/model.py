"""botocore's description of the APIs: the single source of names, shapes and constraints."""

from __future__ import annotations

from functools import cache

import botocore.session
import regex
from botocore.model import OperationModel, ServiceModel

# Application Auto Scaling stands here too, as far as it scales endpoints: what it does shows in SageMaker alone.
SERVICES = ("sagemaker", "application-autoscaling")


@cache
def service_model(service: str = "sagemaker") -> ServiceModel:
    """The service model that the installed botocore carries."""
    return botocore.session.get_session().get_service_model(service)


def operation_model(name: str) -> OperationModel | None:
    """The operation called `name` (`CreateTrainingJob`), or None where no service of SERVICES has it."""
    models = (service_model(service) for service in SERVICES)
    found = next((model for model in models if name in model.operation_names), None)
    return found.operation_model(name) if found else None


def targeted(target: str) -> OperationModel | None:
    """The operation that an X-Amz-Target means: `SageMaker.CreateTrainingJob`."""
    prefix, _, name = target.partition(".")
    operation = operation_model(name)
    named = operation is not None and operation.service_model.metadata["targetPrefix"] == prefix
    return operation if named else None


@cache
def runtime_operations() -> tuple[str, ...]:
    """The operations of sagemaker-runtime."""
    return tuple(botocore.session.get_session().get_service_model("sagemaker-runtime").operation_names)


@cache
def compiled(pattern: str) -> regex.Pattern[str] | None:
    """A constraint's pattern; None where it is legal in Java alone (those that speak of surrogates)."""
    try:
        return regex.compile(pattern)
    except regex.error:
        return None
