"""Models: which container serves which model data. Immutable: created, described, deleted."""

from __future__ import annotations

from sagemaker_local.resources import model_package, tags
from sagemaker_local.resources.context import Context, Request
from sagemaker_local.resources.listing import Listing, picked
from sagemaker_local.runtime.backend import UnknownImageError
from sagemaker_local.store import Document, Transaction
from sagemaker_local.wire.errors import validation

KIND = "model"


def create_model(context: Context, request: Request) -> Document:
    name = request["ModelName"]
    arn = context.arn(KIND, name.lower())
    if context.transaction.name_like(KIND, name):
        raise validation(f'Cannot create already existing model "{arn}".')
    for container in _containers(request):
        _check_container(context, container)
    document = {key: value for key, value in request.items() if key != "Tags"}
    document |= {"ModelArn": arn, "CreationTime": context.now}
    document.setdefault("EnableNetworkIsolation", False)
    context.transaction.put(KIND, name, document)
    tags.attach(context, arn, request.get("Tags"))
    return {"ModelArn": arn}


def describe_model(context: Context, request: Request) -> Document:
    return find(context, request["ModelName"])


def delete_model(context: Context, request: Request) -> None:
    """Removes the entry alone: endpoints that serve the model go on."""
    document = find(context, request["ModelName"])
    context.transaction.delete(KIND, document["ModelName"])
    tags.detach(context, document["ModelArn"])


list_models = Listing(KIND, "Models", picked("ModelName", "ModelArn", "CreationTime"))


def find(context: Context, name: str) -> Document:
    """The model's document; raises ServiceError in AWS's words when there is none."""
    document = context.transaction.get(KIND, name)
    if document is None:
        raise validation(f'Could not find model "{context.arn(KIND, name.lower())}".')
    return document


def serving_container(transaction: Transaction, model: Document) -> Document:
    """The container to run; a model package is replaced by what it stands for."""
    container: Document = _containers(model)[0]
    if "ModelPackageName" not in container:
        return container
    package = model_package.container_of(transaction, container["ModelPackageName"])
    environment = package.get("Environment", {}) | container.get("Environment", {})
    return package | {"Environment": environment}


def _containers(request: Request) -> list[Document]:
    primary, several = request.get("PrimaryContainer"), request.get("Containers") or []
    if (primary is None) == (not several):
        raise validation("Exactly one of PrimaryContainer and Containers must be provided.")
    if len(several) > 1:
        raise validation(
            "The local SageMaker serves one container a model; inference pipelines are not implemented. "
            "Pass one container."
        )
    return [primary] if primary is not None else list(several)


def _check_container(context: Context, container: Document) -> None:
    if "ModelPackageName" in container:
        model_package.require_approved(context, container["ModelPackageName"])
        return
    if "Image" not in container:
        raise validation("A container needs an Image or a ModelPackageName.")
    if "ModelDataUrl" in container and "ModelDataSource" in container:
        raise validation("A container takes either ModelDataUrl or ModelDataSource, not both.")
    try:
        context.backend.check(container["Image"])
    except UnknownImageError as error:
        raise validation(f"Requested image {container['Image']} not found. {error}") from error


def model_data_uri(container: Document) -> str | None:
    """The S3 URI of the model data, however it was given."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    uri = container.get("ModelDataUrl") or source.get("S3Uri")
    return str(uri) if uri else None
