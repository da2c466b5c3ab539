"""What CreateModelPackage and UpdateModelPackage are refused."""

from __future__ import annotations

from sagemaker_local.control.context import Request
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation
from sagemaker_local.wire.repeated import repeated

_NOT_MADE = {
    "ValidationSpecification": "it starts no transform jobs that validate a package",
    "SourceAlgorithmSpecification": "it knows no algorithm resources",
}
_FOR_UNVERSIONED = ("SupportedTransformInstanceTypes", "SupportedRealtimeInferenceInstanceTypes")
_MOST_SPECIFICATIONS = 15
_MOST_PROPERTIES = 50


def check_new(request: Request) -> None:
    """Raise ServiceError for what AWS refuses, and for what is not done here."""
    for member, why in _NOT_MADE.items():
        if member in request:
            raise validation(f"The local SageMaker does not implement {member}: {why}; leave it out.")
    if "ModelPackageName" in request and "InferenceSpecification" in request:
        # "required for unversioned models, and optional for versioned models"
        for member in _FOR_UNVERSIONED:
            if not request["InferenceSpecification"].get(member):
                raise validation(f"InferenceSpecification of an unversioned model package needs {member}.")
    check_changed(request)


def check_changed(document: Document) -> None:
    """ "The name must be unique within the list"; "Total number of additional Inference Specifications can not exceed
    15"; and as many properties as the map of a request can have. Raises ServiceError.
    """
    names = [each["Name"] for each in document.get("AdditionalInferenceSpecifications", [])]
    twice = repeated(names)
    if twice:
        raise validation(
            f"Names of additional inference specifications must be unique within a model package: {twice[0]} is not."
        )
    if len(names) > _MOST_SPECIFICATIONS:
        raise validation(
            f"Total number of additional Inference Specifications can not exceed {_MOST_SPECIFICATIONS}; "
            f"found {len(names)}."
        )
    properties = document.get("CustomerMetadataProperties", {})
    if len(properties) > _MOST_PROPERTIES:
        raise validation(
            f"A model package can have at most {_MOST_PROPERTIES} CustomerMetadataProperties; found {len(properties)}."
        )
