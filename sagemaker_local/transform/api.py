"""Transform jobs: what a caller may ask for. What then happens is `life`'s."""

from __future__ import annotations

from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import Listing, picked
from sagemaker_local.hosting import models
from sagemaker_local.jobs import filled
from sagemaker_local.jobs.document import TRANSFORM
from sagemaker_local.store import Document
from sagemaker_local.transform.checks import check_request


def create_transform_job(context: Context, request: Request) -> Document:
    TRANSFORM.require_new(context, request)
    found = models.find(context, request["ModelName"])
    container = models.serving_container(context.transaction, found)
    check_request(context, request, container)
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
