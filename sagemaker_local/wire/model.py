"""botocore's description of the SageMaker API: the single source of names, shapes and constraints."""

from __future__ import annotations

from functools import cache

import botocore.session
import regex
from botocore.model import OperationModel, ServiceModel


@cache
def service_model() -> ServiceModel:
    """The service model that the installed botocore carries."""
    return botocore.session.get_session().get_service_model("sagemaker")


def operation_model(name: str) -> OperationModel | None:
    """The operation called `name` (`CreateTrainingJob`), or None where SageMaker has none."""
    model = service_model()
    return model.operation_model(name) if name in model.operation_names else None


@cache
def runtime_operations() -> tuple[str, ...]:
    """The operations of sagemaker-runtime."""
    return tuple(botocore.session.get_session().get_service_model("sagemaker-runtime").operation_names)


@cache
def compiled(pattern: str) -> regex.Pattern[str] | None:
    """A constraint's pattern; None where it is legal in Java alone (one of 191 speaks of surrogates)."""
    try:
        return regex.compile(pattern)
    except regex.error:
        return None
