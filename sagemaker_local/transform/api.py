"""Transform jobs: what a caller may ask for. What then happens is `life`'s."""

from __future__ import annotations

from sagemaker_local.control import quota
from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import Listing, picked
from sagemaker_local.hosting import models
from sagemaker_local.jobs import filled
from sagemaker_local.jobs.document import TRANSFORM
from sagemaker_local.store import Document
from sagemaker_local.transform import data_processing
from sagemaker_local.wire.errors import validation

_MAX_MEGABYTES = 100


def create_transform_job(context: Context, request: Request) -> Document:
    TRANSFORM.require_new(context, request)
    found = models.find(context, request["ModelName"])
    container = models.serving_container(context.transaction, found)
    _check_container(container)
    _check_payload(request)
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    if source["S3DataType"] not in ("S3Prefix", "ManifestFile"):
        raise validation(
            f"S3DataType {source['S3DataType']} is not supported for transform jobs; use S3Prefix."
        )
    if "DataCaptureConfig" in request:
        raise validation("The local SageMaker does not implement DataCaptureConfig of transform jobs.")
    data_processing.check(request, validation)
    resources = request["TransformResources"]
    quota.check_job(context, "transform", resources["InstanceType"], resources["InstanceCount"])
    # whole: a model that is deleted meanwhile changes nothing
    served = {
        "Image": container["Image"],
        "Environment": container.get("Environment", {}),
        "ModelData": models.model_data_uri(container),
        "Role": found.get("ExecutionRoleArn"),
    }
    return TRANSFORM.create(
        context, filled.transform(request) | {"_Container": served}, context.transform_jobs
    )


def _check_container(container: Document) -> None:
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    if source.get("CompressionType") == "None":
        raise validation("Models with an uncompressed ModelDataSource cannot be used with batch transform.")


def _check_payload(request: Request) -> None:
    payload, concurrent = request.get("MaxPayloadInMB"), request.get("MaxConcurrentTransforms")
    if payload is not None and payload > _MAX_MEGABYTES:
        raise validation(f"MaxPayloadInMB cannot be greater than {_MAX_MEGABYTES} MB; found {payload}.")
    if payload and concurrent and payload * concurrent > _MAX_MEGABYTES:
        raise validation(
            f"MaxConcurrentTransforms * MaxPayloadInMB cannot exceed {_MAX_MEGABYTES} MB; "
            f"found {concurrent} * {payload}."
        )


def describe_transform_job(context: Context, request: Request) -> Document:
    return TRANSFORM.describe(context, request)


def stop_transform_job(context: Context, request: Request) -> None:
    TRANSFORM.request_stop(context, request, context.transform_jobs)


list_transform_jobs = Listing(
    TRANSFORM.kind,
    "TransformJobSummaries",
    picked(
        "TransformJobName",
        "TransformJobArn",
        "CreationTime",
        "TransformEndTime",
        "LastModifiedTime",
        "TransformJobStatus",
        "FailureReason",
    ),
)
