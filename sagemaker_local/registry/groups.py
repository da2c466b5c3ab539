"""Model package groups: each holds the versions of one model."""

from __future__ import annotations

from sagemaker_local.control import tags
from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import Listing, picked
from sagemaker_local.store import Document, Page
from sagemaker_local.wire.errors import conflict, validation

KIND = "model-package-group"


def create_model_package_group(context: Context, request: Request) -> Document:
    name = request["ModelPackageGroupName"]
    arn = context.arn(KIND, name)
    if context.transaction.name_like(KIND, name):
        raise validation(f"Model Package Group already exists: {arn}")
    document = {key: value for key, value in request.items() if key != "Tags"}
    document |= {
        "ModelPackageGroupArn": arn,
        "CreationTime": context.now,
        "CreatedBy": {},
        "ModelPackageGroupStatus": "Completed",
    }
    context.transaction.put(KIND, name, document, status="Completed")
    tags.attach(context, arn, request.get("Tags"))
    return {"ModelPackageGroupArn": arn}


def describe_model_package_group(context: Context, request: Request) -> Document:
    return find(context, request["ModelPackageGroupName"])


def delete_model_package_group(context: Context, request: Request) -> None:
    document = find(context, request["ModelPackageGroupName"])
    name = document["ModelPackageGroupName"]
    if context.transaction.page(packages_kind(name), Page(limit=1)):
        raise conflict(
            f"Model Package Group {document['ModelPackageGroupArn']} has model packages: delete them first."
        )
    context.transaction.delete(KIND, name)
    # of a group's versions: "a numerical value that starts at 1 and is incremented" (Models, Model Versions)
    context.transaction.forget_number(packages_kind(name))
    tags.detach(context, document["ModelPackageGroupArn"])


def list_model_package_groups(context: Context, request: Request) -> Document:
    """ "returns either model groups shared with you or model groups in your own account": nobody shares any."""
    if request.get("CrossAccountFilterOption") == "CrossAccount":
        return {"ModelPackageGroupSummaryList": []}
    return _list(context, request)


_list = Listing(
    KIND,
    "ModelPackageGroupSummaryList",
    picked(
        "ModelPackageGroupName",
        "ModelPackageGroupArn",
        "ModelPackageGroupDescription",
        "CreationTime",
        "ModelPackageGroupStatus",
    ),
    order="Ascending",
)


def check_region(context: Context, name: str) -> None:
    """The refusal of an ARN of another region, in AWS's words (amazon-sagemaker-examples#1438)."""
    parts, region = name.split(":"), context.settings.region
    if parts[0] == "arn" and parts[3] != region:
        raise validation(f"ARN should be scoped to correct region: {region}")


def find(context: Context, name: str) -> Document:
    """The group named `name`, which may also be its ARN; that of another account or region is none of ours."""
    check_region(context, name)
    document = context.transaction.get(KIND, name.rpartition("/")[2])
    if document is None or name not in (document["ModelPackageGroupName"], document["ModelPackageGroupArn"]):
        known = name if name.startswith("arn:") else context.arn(KIND, name)
        raise validation(f"ModelPackageGroup {known} does not exist.")
    return document


def packages_kind(group: str) -> str:
    """Each group's versions are a kind of their own in the store."""
    return f"model-package/{group}"
