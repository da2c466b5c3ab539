"""The errors a caller sees: a code, a sentence, an HTTP status.

`{"__type": code, "message": sentence}` is what botocore turns into a typed exception. The control plane of
SageMaker answers 400 for nearly everything, also for what does not exist.
"""

from __future__ import annotations


class ServiceError(Exception):
    """An answer of the service that is not a success."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class AnswerLostError(Exception):
    """The operation was carried out, and its caller is not to hear of it."""


def validation(message: str) -> ServiceError:
    """What SageMaker answers to a request it refuses, also when the resource is missing."""
    return ServiceError("ValidationException", message)


def limit_exceeded(what: str, limit: int, used: int, asked: int, advice: str) -> ServiceError:
    """AWS's words for an account that has no more instances of `what`, and whom to ask for more."""
    return ServiceError(
        "ResourceLimitExceeded",
        f"The account-level service limit '{what}' is {limit} Instances, with current utilization of {used} "
        f"Instances and a request delta of {asked} Instances. {advice}",
    )


def resource_in_use(message: str) -> ServiceError:
    return ServiceError("ResourceInUse", message)


def resource_not_found(message: str) -> ServiceError:
    return ServiceError("ResourceNotFound", message)


def object_not_found(message: str) -> ServiceError:
    """What Application Auto Scaling answers when a scalable target or policy is missing."""
    return ServiceError("ObjectNotFoundException", message)


def conflict(message: str) -> ServiceError:
    return ServiceError("ConflictException", message)


def serialization(message: str) -> ServiceError:
    """The body is not what the protocol asks for: not JSON, or a value of the wrong JSON type."""
    return ServiceError("SerializationException", message)
