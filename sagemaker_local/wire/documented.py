"""Constraints that the API states in its texts alone: no length, range or pattern of the model says them.

Sentences in quotation marks are those of botocore's service model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StructureShape

from sagemaker_local.instance_types import has_local_storage
from sagemaker_local.s3_uri import S3UriError, split_uri
from sagemaker_local.wire.constraints import member_path
from sagemaker_local.wire.repeated import repeated

_DAYS_28 = 28 * 86_400
_ENVIRONMENT_BYTES = 32 * 1024
_VARIABLE_BYTES = 1024
_PROFILED = (100, 200, 500, 1000, 5000, 60_000)
_LARGEST_RESOURCE = 20_000  # epochs
_MOST_INSTANCES = 100  # of a transform job
_TUNING_VARIABLES = 48
_FREQUENCIES = (10, 30, 60, 120, 180, 240, 300)
Rule = Callable[[Any], Iterator[str]]


def broken(shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """A sentence for each documented constraint that `value`, already of the right types, does not obey."""
    for sentence in _RULES.get(shape.name, _none)(value):
        yield f"{path}: {sentence}" if path else sentence
    if isinstance(shape, StructureShape):
        for name in value:
            yield from broken(shape.members[name], value[name], member_path(path, name))
    elif isinstance(shape, ListShape):
        for number, item in enumerate(value, 1):
            yield from broken(shape.member, item, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from broken(shape.value, item, f"{path}.{key}")


def _none(_: Any) -> Iterator[str]:
    return iter(())


def _tags(tags: list[dict[str, str]]) -> Iterator[str]:
    """ "Tag keys must be unique per resource"; the prefix aws: "is reserved for Amazon Web Services use"."""
    keys = [tag["Key"] for tag in tags]
    for key in repeated(keys):
        yield f"Tag keys must be unique per resource: {key} is there {keys.count(key)} times."
    for key in keys:
        if key.lower().startswith("aws:"):
            yield f"Tag key {key}: the prefix aws: is reserved for Amazon Web Services use."


def _stopping(condition: dict[str, int]) -> Iterator[str]:
    """ "The maximum value is 28 days." """
    seconds = condition.get("MaxRuntimeInSeconds", 0)
    if seconds > _DAYS_28:
        yield f"MaxRuntimeInSeconds {seconds} is too long: the maximum value is 28 days ({_DAYS_28} seconds)."


def _regex(text: str) -> Iterator[str]:
    """What AWS says to a pattern that does not compile is not published."""
    try:
        regex.compile(text)
    except regex.error as error:
        yield f"'{text}' is not a regular expression: {error}."


def _place(uri: str) -> Iterator[str]:
    """The pattern takes any https URL, and SageMaker reads S3 alone."""
    try:
        if uri:
            split_uri(uri)
    except S3UriError as error:
        yield f"{error}."


def _container(container: dict[str, Any]) -> Iterator[str]:
    return _environments([container])


def _environments(containers: list[dict[str, Any]]) -> Iterator[str]:
    """ "The maximum length of each key and value in the Environment map is 1024 bytes", and "of all keys and values in
    the map, combined, is 32 KB", over several containers too.
    """
    texts = [
        text for container in containers for pair in container.get("Environment", {}).items() for text in pair
    ]
    for text in texts:
        if len(text.encode()) > _VARIABLE_BYTES:
            yield f"'{text[:20]}...' of Environment has {len(text.encode())} bytes; the maximum is 1024."
    size = sum(len(text.encode()) for text in texts)
    if size > _ENVIRONMENT_BYTES:
        yield f"All keys and values of Environment, combined, have {size} bytes; the maximum is 32 KB."


def _hyperband(config: dict[str, int]) -> Iterator[str]:
    """ "The maximum value is 20,000 epochs." """
    if config.get("MaxResource", 0) > _LARGEST_RESOURCE:
        yield f"MaxResource {config['MaxResource']} is too large: the maximum value is 20,000 epochs."


def _tuning(config: dict[str, Any]) -> Iterator[str]:
    """ "This parameter should be provided only if Hyperband is selected as the strategy"."""
    if "StrategyConfig" in config and config["Strategy"] != "Hyperband":
        yield f"StrategyConfig is only supported for the strategy Hyperband; found {config['Strategy']}."


def _types(resources: dict[str, Any]) -> list[str]:
    """The instance types that it names, in whichever of its members."""
    lists = (resources.get(each, []) for each in ("InstanceGroups", "InstancePreferences", "InstanceConfigs"))
    named = [resources, *(item for items in lists for item in items)]
    return [each["InstanceType"] for each in named if "InstanceType" in each]


def _disk_key(resources: dict[str, Any]) -> Iterator[str]:
    """ "You can't request a VolumeKmsKeyId when using an instance type with local storage"."""
    local = sorted(filter(has_local_storage, _types(resources)))
    if local and resources.get("VolumeKmsKeyId"):
        yield f"VolumeKmsKeyId cannot be requested for {local[0]}, an instance type with local storage."


def _selected(resources: dict[str, Any]) -> Iterator[str]:
    """ "This field is read-only and isn't accepted in CreateTrainingJob requests" """
    for member in ("SelectedInstanceType", "SelectedInstanceCount"):
        if member in resources:
            yield f"{member} is read-only and isn't accepted in requests."


def _cluster(resources: dict[str, Any]) -> Iterator[str]:
    yield from _disk_key(resources)
    yield from _selected(resources)


def _training_cluster(resources: dict[str, Any]) -> Iterator[str]:
    """ "When using an ML instance with the EBS-only storage option ..., you must define the size of EBS volume through
    VolumeSizeInGB in the ResourceConfig API".
    """
    yield from _cluster(resources)
    without = [each for each in _types(resources) if not has_local_storage(each)]
    if without and not resources.get("VolumeSizeInGB"):
        yield f"VolumeSizeInGB is required for {without[0]}, an instance type without local storage."


def _transform_cluster(resources: dict[str, Any]) -> Iterator[str]:
    """ "The default value is 1, and the maximum is 100" instances."""
    yield from _cluster(resources)
    if resources["InstanceCount"] > _MOST_INSTANCES:
        yield f"InstanceCount {resources['InstanceCount']} is too large: the maximum is {_MOST_INSTANCES}."


def _tuning_cluster(resources: dict[str, Any]) -> Iterator[str]:
    """ "If you use InstanceConfigs, do not provide values for InstanceType, VolumeSizeInGB or InstanceCount"."""
    yield from _disk_key(resources)
    for member in ("InstanceType", "VolumeSizeInGB", "InstanceCount"):
        if "InstanceConfigs" in resources and member in resources:
            yield f"{member} does not go with InstanceConfigs."


def _tuning_environments(request: dict[str, Any]) -> Iterator[str]:
    """ "the sum of the number of environment variables for all the training job definitions can't exceed" the limit."""
    count = sum(len(each.get("Environment", {})) for each in request.get("TrainingJobDefinitions", []))
    if count > _TUNING_VARIABLES:
        yield f"All definitions together can have {_TUNING_VARIABLES} environment variables; found {count}."


def _model_source(source: dict[str, str]) -> Iterator[str]:
    """ "A valid key name prefix identified by S3Uri always ends with a forward slash (/)"; Gzip is said of objects."""
    if source["S3DataType"] != "S3Prefix":
        return
    if not source["S3Uri"].endswith("/"):
        yield f"S3Uri of S3DataType S3Prefix must end with a forward slash (/); found {source['S3Uri']}."
    if source["CompressionType"] == "Gzip":
        yield "CompressionType Gzip needs S3DataType S3Object: one gzip-compressed TAR archive."


def _image_config(config: dict[str, Any]) -> Iterator[str]:
    """ "Specify a value for this property only if you specified Vpc ... for the RepositoryAccessMode field"."""
    if "RepositoryAuthConfig" in config and config["RepositoryAccessMode"] != "Vpc":
        yield "RepositoryAuthConfig is only for RepositoryAccessMode Vpc."


def _frequency(config: dict[str, Any]) -> Iterator[str]:
    """ "Valid values: 10, 30, 60, 120, 180, 240, 300." """
    seconds = config.get("MetricPublishFrequencyInSeconds", _FREQUENCIES[0])
    if seconds not in _FREQUENCIES:
        yield f"MetricPublishFrequencyInSeconds must be one of {', '.join(map(str, _FREQUENCIES))}; found {seconds}."


def _profiled(milliseconds: int) -> Iterator[str]:
    """ "Available values are 100, 200, 500, 1000 (1 second), 5000 (5 seconds), and 60000 (1 minute) milliseconds"."""
    if milliseconds not in _PROFILED:
        yield f"Available values are {', '.join(map(str, _PROFILED))} milliseconds; found {milliseconds}."


def _routing(config: dict[str, Any]) -> Iterator[str]:
    """ "Specify this parameter only when you set RoutingStrategy to PREFIX_AWARE", where it is required."""
    if ("PrefixAwareRoutingConfig" in config) != (config["RoutingStrategy"] == "PREFIX_AWARE"):
        yield "PrefixAwareRoutingConfig is for RoutingStrategy PREFIX_AWARE, and required there."


def _variant(variant: dict[str, Any]) -> Iterator[str]:
    """AWS refuses a size where the family "does not support attaching an ebs volume" (sagemaker-python-sdk#4828)."""
    kind = variant.get("InstanceType", "")
    if "VolumeSizeInGB" in variant and has_local_storage(kind):
        yield f"VolumeSizeInGB cannot be specified for {kind}, an instance type with local storage."


def _named_apart(member: str) -> Rule:
    """ "It must be unique relative to other rule configuration names"; so must the names of collections."""

    def rule(items: list[dict[str, Any]]) -> Iterator[str]:
        names = [each[member] for each in items if member in each]
        for name in repeated(names):
            yield f"{member} must be unique: {name} is there {names.count(name)} times."

    return rule


def _endpoint_key(config: dict[str, Any]) -> Iterator[str]:
    """ "the call to CreateEndpointConfig fails" if KmsKeyId is given for instances with local storage."""
    local = sorted(
        filter(has_local_storage, (each.get("InstanceType", "") for each in config["ProductionVariants"]))
    )
    if local and config.get("KmsKeyId"):
        yield f"KmsKeyId cannot be specified for {local[0]}, an instance type with local storage."


_PLACES = ("DestinationS3Uri", "LongS3Uri", "OutputS3Path", "S3ModelUri", "S3OutputPath", "S3Uri", "Url")
_RULES: dict[str, Rule] = {
    "TagList": _tags,
    "ResourceConfig": _training_cluster,
    "ProcessingClusterConfig": _cluster,
    "TransformResources": _transform_cluster,
    "HyperParameterTuningResourceConfig": _tuning_cluster,
    "S3ModelDataSource": _model_source,
    "CollectionConfigurations": _named_apart("CollectionName"),
    **dict.fromkeys(
        ("DebugRuleConfigurations", "ProfilerRuleConfigurations"), _named_apart("RuleConfigurationName")
    ),
    "ImageConfig": _image_config,
    **dict.fromkeys(("MetricsConfig", "MetricsEndpoint"), _frequency),
    "ProductionVariantRoutingConfig": _routing,
    "ProductionVariant": _variant,
    "CreateHyperParameterTuningJobRequest": _tuning_environments,
    "CreateEndpointConfigInput": _endpoint_key,
    "StoppingCondition": _stopping,
    "ProfilingIntervalInMilliseconds": _profiled,
    "MetricRegex": _regex,
    "ContainerDefinition": _container,
    "ContainerDefinitionList": _environments,
    "HyperbandStrategyConfig": _hyperband,
    "HyperParameterTuningJobConfig": _tuning,
    **dict.fromkeys(_PLACES, _place),
}
