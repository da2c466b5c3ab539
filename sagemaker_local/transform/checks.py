"""What CreateTransformJob refuses: what AWS refuses, and what is not done here."""

from __future__ import annotations

from sagemaker_local.control import quota
from sagemaker_local.control.context import Context, Request
from sagemaker_local.store import Document
from sagemaker_local.transform import data_processing
from sagemaker_local.wire.errors import validation

_MAX_MEGABYTES = 100


def check_request(context: Context, request: Request, container: Document) -> None:
    """Raise the ServiceError of the first thing that is wrong. container: what serves the model."""
    _check_container(container)
    _check_payload(request)
    _check_input(request)
    data_processing.check(request, validation)
    resources = request["TransformResources"]
    quota.check_job(context, "transform", resources["InstanceType"], resources["InstanceCount"])


def _check_container(container: Document) -> None:
    """In AWS's words (aws/sagemaker-python-sdk#5160)."""
    if "ModelDataSource" in container:
        raise validation(
            "SageMaker Batch currently doesn't support Model entity with container definitions which use "
            "ModelDataSource attribute. Use ModelDataUrl."
        )


def _check_payload(request: Request) -> None:
    payload, concurrent = request.get("MaxPayloadInMB"), request.get("MaxConcurrentTransforms")
    if payload is not None and payload > _MAX_MEGABYTES:
        raise validation(f"MaxPayloadInMB cannot be greater than {_MAX_MEGABYTES} MB; found {payload}.")
    if payload and concurrent and payload * concurrent > _MAX_MEGABYTES:
        raise validation(
            f"MaxConcurrentTransforms * MaxPayloadInMB cannot exceed {_MAX_MEGABYTES} MB; "
            f"found {concurrent} * {payload}."
        )


def _check_input(request: Request) -> None:
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    if source["S3DataType"] not in ("S3Prefix", "ManifestFile"):
        raise validation(
            f"S3DataType {source['S3DataType']} is not supported for transform jobs; use S3Prefix."
        )
    if "DataCaptureConfig" in request:
        raise validation("The local SageMaker does not implement DataCaptureConfig of transform jobs.")
