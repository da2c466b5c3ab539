"""Models: which container serves which model data. Immutable: created, described, deleted."""

from __future__ import annotations

from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import Listing, picked
from sagemaker_local.control.named import NamedResource
from sagemaker_local.jobs import filled
from sagemaker_local.registries import check_region, is_private
from sagemaker_local.registry import packages
from sagemaker_local.runtime.backend import UnknownImageError
from sagemaker_local.store import Document, Transaction
from sagemaker_local.wire.errors import validation

MODELS = NamedResource(
    kind="model",
    member="Model",
    taken=lambda arn: validation(f'Cannot create already existing model "{arn}".'),
    absent=lambda arn: validation(f'Could not find model "{arn}".'),
)


def create_model(context: Context, request: Request) -> Document:
    MODELS.require_new(context, request)
    _check_pipeline(request)
    for container in _containers(request):
        _check_registry(request, container)
        _check_container(context, container)
    isolation = request.get("EnableNetworkIsolation", False)
    return MODELS.create(context, request, {"EnableNetworkIsolation": isolation})


def describe_model(context: Context, request: Request) -> Document:
    return filled.model(find(context, request["ModelName"]))


def delete_model(context: Context, request: Request) -> None:
    """Removes the entry alone: endpoints that serve the model go on."""
    MODELS.delete(context, find(context, request["ModelName"]))


list_models = Listing(MODELS.kind, "Models", picked("ModelName", "ModelArn", "CreationTime"), from_time=True)


def find(context: Context, name: str) -> Document:
    """The model's document; raises ServiceError in AWS's words when there is none."""
    return MODELS.find(context, name)


def serving_container(transaction: Transaction, model: Document) -> Document:
    """The one container to run. Raises ValidationException for inference pipelines."""
    containers = serving_containers(transaction, model)
    if len(containers) > 1:
        raise validation(
            f"Model {model['ModelName']} is an inference pipeline of {len(containers)} containers: the local "
            "SageMaker serves those on endpoints alone. Use a model of one container here."
        )
    return containers[0]


def serving_containers(transaction: Transaction, model: Document) -> list[Document]:
    """The containers to run, in order; a model package is replaced by what it stands for.

    ContainerHostname is empty outside of a pipeline; in one "a unique name is automatically assigned based on
    the position" where none was given.
    """
    containers = [each for given in _containers(model) for each in _resolved(transaction, given)]
    if len(containers) == 1:
        return [containers[0] | {"ContainerHostname": ""}]
    return [
        {"ContainerHostname": f"container-{position}"} | container
        for position, container in enumerate(containers, 1)
    ]


def _resolved(transaction: Transaction, container: Document) -> list[Document]:
    if "ModelPackageName" not in container:
        return [container]
    found = _packaged(transaction, container)
    own = {key: container[key] for key in ("ContainerHostname",) if key in container and len(found) == 1}
    given = container.get("Environment", {})
    return [each | own | {"Environment": each.get("Environment") or given} for each in found]


def _packaged(transaction: Transaction, container: Document) -> list[Document]:
    name, specification = container["ModelPackageName"], container.get("InferenceSpecificationName")
    return packages.containers_of(transaction, name, specification)


def _containers(request: Request) -> list[Document]:
    primary, several = request.get("PrimaryContainer"), request.get("Containers") or []
    if (primary is None) == (not several):
        raise validation("Exactly one of PrimaryContainer and Containers must be provided.")
    return [primary] if primary is not None else list(several)


def _check_pipeline(request: Request) -> None:
    """Serial alone, and hostnames for all or for none."""
    mode = request.get("InferenceExecutionConfig", {}).get("Mode", "Serial")
    if mode != "Serial":
        raise validation(
            f"The local SageMaker does not implement InferenceExecutionConfig Mode {mode}: it runs containers as a "
            "Serial pipeline. Make a model of each container, and a variant or an endpoint of each model."
        )
    hostnames = [each.get("ContainerHostname") for each in _containers(request)]
    given = [name for name in hostnames if name]
    if len(hostnames) > 1 and given and len(given) < len(hostnames):
        raise validation(
            "If you specify a value for the ContainerHostName for any ContainerDefinition that is part of an inference "
            "pipeline, you must specify a value for the ContainerHostName parameter of every ContainerDefinition in "
            "that pipeline."
        )
    if len(set(given)) < len(given):
        raise validation(f"ContainerHostname must be unique within a model; found {', '.join(given)}.")


def _check_registry(request: Request, container: Document) -> None:
    """The refusal of a private registry is AWS's (aws/sagemaker-python-sdk#4700); models of its images "must be
    configured to connect to the same VPC" (Use a Private Docker Registry for Real-Time Inference Containers).
    """
    image, mode = container.get("Image", ""), container.get("ImageConfig", {}).get("RepositoryAccessMode")
    if mode != "Vpc" and is_private(image):
        raise validation(
            f'Using non-ECR image "{image}" without Vpc repository access mode is not supported.'
        )
    if mode == "Vpc" and "VpcConfig" not in request:
        raise validation("RepositoryAccessMode Vpc needs the VpcConfig of a VPC that reaches the registry.")


def _check_container(context: Context, container: Document) -> None:
    if "ModelPackageName" in container:
        _check_packaged(context, container)
        return
    if "InferenceSpecificationName" in container:
        raise validation(
            "InferenceSpecificationName names a part of a model package: give its ModelPackageName too."
        )
    if container.get("Mode") == "MultiModel":
        raise validation(
            "The local SageMaker does not implement multi-model endpoints (Mode MultiModel). Make a model of each "
            "artifact, and a variant or an endpoint of each model."
        )
    if container.get("AdditionalModelDataSources"):
        raise validation("The local SageMaker does not implement AdditionalModelDataSources; leave them out.")
    if "Image" not in container:
        raise validation("A container needs an Image or a ModelPackageName.")
    if "ModelDataUrl" in container and "ModelDataSource" in container:
        raise validation("A container takes either ModelDataUrl or ModelDataSource, not both.")
    _check_image(context, container["Image"])


def _check_packaged(context: Context, container: Document) -> None:
    """A package says all that a container says; only Environment and ContainerHostname go with it."""
    for member in ("Image", "ModelDataUrl", "ModelDataSource", "AdditionalModelDataSources"):
        if container.get(member):
            raise validation(f"A container takes either ModelPackageName or {member}, not both.")
    packages.require_approved(context, container["ModelPackageName"])
    for each in _packaged(context.transaction, container):
        _check_image(context, each["Image"])
        own, given = each.get("Environment"), container.get("Environment")
        if own and given:  # in AWS's words (aws/sagemaker-python-sdk#3301)
            raise validation(
                f"Environment variable map cannot be specified both at Model Package {_pairs(own)} and Model "
                f"{_pairs(given)}."
            )


def _pairs(variables: Document) -> str:
    return "{" + ", ".join(f"{name}={value}" for name, value in variables.items()) + "}"


def _check_image(context: Context, image: str) -> None:
    """ "The model artifacts ... and the Docker image ... must be in the same region as the model" (Image)."""
    check_region(image, context.settings.region)
    try:
        context.backend.check(image)
    except UnknownImageError as error:
        raise validation(f"Requested image {image} not found. {error}") from error


def is_archive(container: Document) -> bool:
    """Whether the model data are a model.tar.gz; else they are the files themselves."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    return bool(source.get("CompressionType") != "None")


def model_data_uri(container: Document) -> str | None:
    """The S3 URI of the model data, however it was given."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    uri = container.get("ModelDataUrl") or source.get("S3Uri")
    return str(uri) if uri else None
