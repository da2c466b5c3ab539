"""Processing jobs: what a caller may ask for. What then happens is `life`'s."""

from __future__ import annotations

from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import Listing, picked
from sagemaker_local.jobs import filled
from sagemaker_local.jobs.document import PROCESSING
from sagemaker_local.processing.checks import check_request
from sagemaker_local.store import Document

_DAY = 86_400


def create_processing_job(context: Context, request: Request) -> Document:
    PROCESSING.require_new(context, request)
    check_request(context, request)
    stopping = {"MaxRuntimeInSeconds": _DAY} | request.get("StoppingCondition", {})
    return PROCESSING.create(
        context, filled.processing(request) | {"StoppingCondition": stopping}, context.processing_jobs
    )


def describe_processing_job(context: Context, request: Request) -> Document:
    return PROCESSING.describe(context, request)


def delete_processing_job(context: Context, request: Request) -> None:
    PROCESSING.delete(context, request)


def stop_processing_job(context: Context, request: Request) -> None:
    PROCESSING.request_stop(context, request, context.processing_jobs)


list_processing_jobs = Listing(
    PROCESSING.kind,
    "ProcessingJobSummaries",
    picked(
        "ProcessingJobName",
        "ProcessingJobArn",
        "CreationTime",
        "ProcessingEndTime",
        "LastModifiedTime",
        "ProcessingJobStatus",
        "FailureReason",
        "ExitMessage",
    ),
    order="Ascending",
)
