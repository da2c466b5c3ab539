"""Model packages: a model's versions, who approved them, and what they are made of."""

from __future__ import annotations

from sagemaker_local.control import tags
from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import Listing, picked
from sagemaker_local.events import model_package_event
from sagemaker_local.registry import checks, groups
from sagemaker_local.registry.groups import packages_kind
from sagemaker_local.registry.model_card import check_card, check_update
from sagemaker_local.registry.tokens import Tokens
from sagemaker_local.store import Document, Transaction
from sagemaker_local.wire.errors import conflict, validation

KIND = "model-package"
_CREATED, _UPDATED = Tokens("model-package-token"), Tokens("model-package-update-token")
_CHANGEABLE = (
    "ModelApprovalStatus",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
)


def create_model_package(context: Context, request: Request) -> Document:
    group, name = request.get("ModelPackageGroupName"), request.get("ModelPackageName")
    if group and name:
        raise validation(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
            "Cannot determine which one to use."
        )
    if not group and not name:
        raise validation("Missing ARN.")  # AWS's words for a package without a name
    checks.check_new(request)
    check_card(request.get("ModelCard"))
    repeated = _repeated(context, request)
    if repeated:
        return {"ModelPackageArn": repeated}
    document = _versioned(context, request, group) if group else _unversioned(context, request, str(name))
    _CREATED.remember(context, request, document["ModelPackageArn"])
    _save(context, document)
    return {"ModelPackageArn": document["ModelPackageArn"]}


def _versioned(context: Context, request: Request, group_name: str) -> Document:
    if request.get("Tags"):
        raise validation(
            "Tags are not allowed on versioned model packages: tag the model package group instead."
        )
    group = groups.find(context, group_name)["ModelPackageGroupName"]
    version = context.transaction.next_number(f"model-package/{group}")
    arn = context.arn(KIND, f"{group}/{version}")
    return _document(context, request) | {
        "ModelPackageGroupName": group,
        "ModelPackageName": group,
        "ModelPackageVersion": version,
        "ModelPackageArn": arn,
        "ModelApprovalStatus": request.get("ModelApprovalStatus", "PendingManualApproval"),
    }


def _unversioned(context: Context, request: Request, name: str) -> Document:
    arn = context.arn(KIND, name)
    if context.transaction.name_like(KIND, name):
        raise conflict(f"Model Package already exists: {arn}")
    tags.attach(context, arn, request.get("Tags"))
    # "This parameter is optional for versioned models, and does not apply to unversioned models"
    members = {key: value for key, value in request.items() if key != "ModelApprovalStatus"}
    return _document(context, members) | {"ModelPackageName": name, "ModelPackageArn": arn}


def _document(context: Context, request: Request) -> Document:
    members = {key: value for key, value in request.items() if key not in ("Tags", "ClientToken")}
    return members | {
        "CreationTime": context.now,
        "CreatedBy": {},
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
    }


def _repeated(context: Context, request: Request) -> str | None:
    """The ARN that the same ClientToken was answered with, of a package that is still there."""
    seen = _CREATED.seen(context, request)
    if seen is None:
        return None
    arn = str(seen["ModelPackageArn"])
    document = context.transaction.get(*_place(arn))
    is_there = document is not None and document["CreationTime"] == seen["CreationTime"]
    return arn if is_there else None


def describe_model_package(context: Context, request: Request) -> Document:
    return find(context, request["ModelPackageName"])


def update_model_package(context: Context, request: Request) -> Document:
    document = find(context, request["ModelPackageArn"])
    if _UPDATED.seen(context, request):
        return {"ModelPackageArn": document["ModelPackageArn"]}
    check_update(document.get("ModelCard"), request.get("ModelCard"))
    document |= {name: request[name] for name in _CHANGEABLE if name in request}
    properties = document.get("CustomerMetadataProperties", {}) | request.get(
        "CustomerMetadataProperties", {}
    )
    for key in request.get("CustomerMetadataPropertiesToRemove", []):
        properties.pop(key, None)
    if properties:
        document["CustomerMetadataProperties"] = properties
    else:
        document.pop("CustomerMetadataProperties", None)
    added = request.get("AdditionalInferenceSpecificationsToAdd", [])
    if added:
        document["AdditionalInferenceSpecifications"] = [
            *document.get("AdditionalInferenceSpecifications", []),
            *added,
        ]
    checks.check_changed(document)
    document |= {"LastModifiedTime": context.now, "LastModifiedBy": {}}
    _UPDATED.remember(context, request, document["ModelPackageArn"])
    _save(context, document)
    return {"ModelPackageArn": document["ModelPackageArn"]}


def delete_model_package(context: Context, request: Request) -> None:
    document = find(context, request["ModelPackageName"])
    kind, name = _place(document["ModelPackageArn"])
    context.transaction.delete(kind, name)
    tags.detach(context, document["ModelPackageArn"])


def list_model_packages(context: Context, request: Request) -> Document:
    """The versions of a group; when none is named: of ModelPackageType, Unversioned "is the default value"."""
    group, asked = request.get("ModelPackageGroupName"), request.get("ModelPackageType", "Unversioned")
    kinds: list[str] = []
    if group:
        kinds.append(packages_kind(groups.find(context, group)["ModelPackageGroupName"]))
    elif asked != "Unversioned":
        every = context.transaction.every(groups.KIND)
        kinds += [packages_kind(each["ModelPackageGroupName"]) for each in every]
    if not group and asked != "Versioned":
        kinds.append(KIND)
    named = {"NameContains": _is_named}
    listing = Listing(kinds, "ModelPackageSummaryList", _summary, order="Ascending", narrowed=named)
    return listing(context, request)


def _is_named(summary: Document, text: str) -> bool:
    """A version goes by the name of its group; its number is no part of it."""
    return text.lower() in str(summary.get("ModelPackageName") or summary["ModelPackageGroupName"]).lower()


def _summary(document: Document) -> Document:
    """As on AWS, a version has no ModelPackageName here (aws/sagemaker-python-sdk#5606 shows such an answer)."""
    name = {} if "ModelPackageVersion" in document else {"ModelPackageName": document["ModelPackageName"]}
    return name | _summarised(document)


_summarised = picked(
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "ModelPackageStatus",
    "ModelApprovalStatus",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
)


def find(context: Context, name: str) -> Document:
    """A package by its name or ARN; raises ServiceError when there is none in this account and region."""
    groups.check_region(context, name)
    return _known(context.transaction, name)


def _known(transaction: Transaction, name: str) -> Document:
    document = transaction.get(*_place(name))
    if document is None or (name.startswith("arn:") and name != document["ModelPackageArn"]):
        raise validation(f"ModelPackage {name} does not exist.")
    return document


def require_approved(context: Context, name: str) -> None:
    """Refuse a version that nobody approved: only Approved versions can be deployed."""
    package = find(context, name)
    if package.get("ModelApprovalStatus", "Approved") != "Approved":
        raise validation(
            f"Cannot create model from model package {package['ModelPackageArn']} with approval status "
            f"{package['ModelApprovalStatus']}. Approve it first with UpdateModelPackage."
        )


def containers_of(transaction: Transaction, name: str, specification: str | None = None) -> list[Document]:
    """The containers of a package's InferenceSpecification, or of the additional one of that name."""
    package = _known(transaction, name)
    found: Document = package.get("InferenceSpecification", {})
    if specification is not None:
        additional = {each["Name"]: each for each in package.get("AdditionalInferenceSpecifications", [])}
        if specification not in additional:
            raise validation(f"ModelPackage {name} has no inference specification named {specification}.")
        found = additional[specification]
    if not found.get("Containers"):
        raise validation(f"ModelPackage {name} has no InferenceSpecification with a container.")
    return list(found["Containers"])


def _place(name: str) -> tuple[str, str]:
    """Kind and name in the store of `<group>/<version>` or `<name>`, alone or at the end of an ARN."""
    words = name.rpartition(":")[2].removeprefix(f"{KIND}/").split("/")
    if len(words) == 2:
        return packages_kind(words[0]), words[1].zfill(9)
    return KIND, words[-1]


def _save(context: Context, document: Document) -> None:
    kind, name = _place(document["ModelPackageArn"])
    status = document.get("ModelApprovalStatus", "")
    context.transaction.put(kind, name, document, status=status)
    context.transaction.emit(model_package_event(context.now, document))
