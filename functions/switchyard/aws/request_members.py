"""Network, keys and tags: the members that every request which creates something in SageMaker gets here, and only here.

Sentences in quotation marks are those of botocore's service model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from switchyard.config.rules.instances import has_local_storage
from switchyard.core.account import Account
from switchyard.core.pipeline import Network, Pipeline

Request = dict[str, Any]


@dataclass(frozen=True)
class Places:
    """Where an operation has its members, as dotted paths; "" where it has none.

    volume: the key of instances' disks. outputs: keys of what is written to S3, each only where that part is sent.
    """

    vpc: str = ""
    isolation: str = ""
    volume: str = ""
    outputs: tuple[str, ...] = ()
    tags: str = "Tags"


_DEFINITION = "TrainingJobDefinition."
PLACES: Mapping[str, Places] = {
    "CreateTrainingJob": Places(
        "VpcConfig", "EnableNetworkIsolation", "ResourceConfig.VolumeKmsKeyId", ("OutputDataConfig.KmsKeyId",)
    ),
    "CreateHyperParameterTuningJob": Places(
        f"{_DEFINITION}VpcConfig",
        f"{_DEFINITION}EnableNetworkIsolation",
        f"{_DEFINITION}ResourceConfig.VolumeKmsKeyId",
        (f"{_DEFINITION}OutputDataConfig.KmsKeyId",),
    ),
    "CreateProcessingJob": Places(
        "NetworkConfig.VpcConfig",
        "NetworkConfig.EnableNetworkIsolation",
        "ProcessingResources.ClusterConfig.VolumeKmsKeyId",
        ("ProcessingOutputConfig.KmsKeyId",),
    ),
    # network and isolation are the model's: "VpcConfig is used in hosting services and in batch transform"
    "CreateTransformJob": Places(
        volume="TransformResources.VolumeKmsKeyId", outputs=("TransformOutput.KmsKeyId",)
    ),
    "CreateModel": Places("VpcConfig", "EnableNetworkIsolation"),
    "CreateEndpointConfig": Places(
        volume="KmsKeyId",
        outputs=("DataCaptureConfig.KmsKeyId", "AsyncInferenceConfig.OutputConfig.KmsKeyId"),
    ),
    "CreateModelPackageGroup": Places(),
    # "your model package ... uses the tags associated with the model group. In this case, you cannot supply a tag"
    "CreateModelPackage": Places(tags=""),
}


def completed(
    operation: str, request: Request, account: Account, pipeline: Pipeline, run_id: str = ""
) -> Request:
    """The request with all that the account and the model's owner ask for. run_id: "" of what belongs to no run."""
    places = PLACES[operation]
    members = {
        **_network(places, account.network_of(pipeline)),
        **_keys(places, account.key, request),
        places.tags: listed(account.tags_of(pipeline, run_id)),
    }
    for path, value in members.items():
        request = _with(request, path, value) if path else request
    return request


def listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """As SageMaker takes tags."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _network(places: Places, network: Network) -> Request:
    vpc = {"Subnets": list(network.subnets), "SecurityGroupIds": list(network.security_groups)}
    return {
        **({places.vpc: vpc} if network.subnets else {}),
        **({places.isolation: True} if network.isolation else {}),
    }


def _keys(places: Places, key: str, request: Request) -> Request:
    """ "You can't request a VolumeKmsKeyId when using an instance type with local storage"; without instances there is
    no disk.
    """
    if not key:
        return {}
    types = list(_types(request))
    on_disks = [places.volume] if types and not any(map(has_local_storage, types)) else []
    return {path: key for path in (*on_disks, *places.outputs) if _is_sent(request, path)}


def _types(value: Any) -> Iterator[str]:
    """Every instance type that a request names."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict) and "InstanceType" in value:
        yield value["InstanceType"]
    for each in inner:
        yield from _types(each)


def _is_sent(request: Request, path: str) -> bool:
    """Whether the part that has the member is in the request."""
    name, _, rest = path.partition(".")
    return not rest or (name in request and _is_sent(request[name], rest))


def _with(document: Mapping[str, Any], path: str, value: Any) -> Request:
    name, _, rest = path.partition(".")
    return {**document, name: _with(document.get(name, {}), rest, value) if rest else value}
