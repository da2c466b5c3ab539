"""What CreateTrainingJob refuses: what AWS refuses, in its words where they are known, and what is not done here."""

from __future__ import annotations

from sagemaker_local.control import quota
from sagemaker_local.control.context import Context, Request
from sagemaker_local.registries import check_region, is_private
from sagemaker_local.runtime.backend import UnknownImageError
from sagemaker_local.store import Document
from sagemaker_local.training.algorithm_metrics import with_own_metrics
from sagemaker_local.training.checkpoints import check_local_path
from sagemaker_local.training.files import groups, host_names
from sagemaker_local.training.instances import check_preferences
from sagemaker_local.wire.errors import validation

_DAY = 86_400  # MaxRuntimeInSeconds, when it is left out
_NOT_RUN = ("ServerlessJobConfig", "ModelPackageConfig")


def check(context: Context, request: Request) -> None:
    """Raise ServiceError for what AWS refuses, and for what is not done here."""
    for member in _NOT_RUN:
        if member in request:
            raise validation(f"The local SageMaker does not implement {member}; leave it out.")
    for member in ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition"):
        if member not in request:
            raise validation(f"{member} is required for training jobs.")
    _check_registry(request)
    _check_algorithm(context, request["AlgorithmSpecification"])
    with_own_metrics(request["AlgorithmSpecification"], request.get("HyperParameters", {}))
    _check_resources(context, request)
    mode = request["AlgorithmSpecification"]["TrainingInputMode"]
    for channel in request.get("InputDataConfig", []):
        _check_channel(channel, channel.get("InputMode", mode))
        _check_groups(request, channel)
    check_local_path(request.get("CheckpointConfig", {}))
    _check_channel_names(request)


def _check_registry(request: Request) -> None:
    """The first in AWS's words (boto/boto3#2906). "You must also configure your training job to connect to the same
    VPC to which your Docker registry has access" (Adapt your training job to access images in a private registry).
    """
    algorithm = request["AlgorithmSpecification"]
    mode = algorithm.get("TrainingImageConfig", {}).get("TrainingRepositoryAccessMode")
    if mode != "Vpc" and is_private(algorithm.get("TrainingImage", "")):
        raise validation(
            "TrainingImageConfig with TrainingRepositoryAccessMode set to VPC must be provided when using a training "
            "image from a private Docker registry. Please provide TrainingImageConfig and TrainingRepositoryAccessMode "
            "set to VPC when using a training image from a private Docker registry."
        )
    if mode == "Vpc" and "VpcConfig" not in request:
        raise validation(
            "TrainingRepositoryAccessMode Vpc needs the VpcConfig of a VPC that reaches the registry."
        )


def _check_algorithm(context: Context, algorithm: Document) -> None:
    if "TrainingImage" in algorithm and "AlgorithmName" in algorithm:
        # "You must specify either the algorithm name ... or the image URI ..., but not both" (AlgorithmSpecification)
        raise validation("AlgorithmSpecification takes either TrainingImage or AlgorithmName, not both.")
    if "TrainingImage" not in algorithm:
        raise validation(
            "AlgorithmSpecification needs a TrainingImage; the local SageMaker knows no AlgorithmName."
        )
    check_region(algorithm["TrainingImage"], context.settings.region)
    try:
        context.backend.check(algorithm["TrainingImage"])
    except UnknownImageError as error:
        raise validation(f"Cannot find image {algorithm['TrainingImage']}. {error}") from error


def _check_resources(context: Context, request: Request) -> None:
    _check_counts(request["ResourceConfig"])
    if "InstancePreferences" in request["ResourceConfig"]:
        check_preferences(request)
    else:
        _check_instances(request["ResourceConfig"])
    kind, count = groups(request)[0].instance_type, len(host_names(request))
    quota.check_job(context, "training", kind, count)
    _check_warm_pool(request)
    stopping = request["StoppingCondition"]
    longest = stopping.get("MaxWaitTimeInSeconds")
    if request.get("EnableManagedSpotTraining"):
        if longest is None or longest < stopping.get("MaxRuntimeInSeconds", _DAY):
            raise validation("MaxWaitTimeInSeconds must be equal to or greater than MaxRuntimeInSeconds.")
    elif longest is not None:
        raise validation(
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
        )


def _check_warm_pool(request: Request) -> None:
    """Developer Guide, Managed Warm Pools: "Warm pools cannot be used with heterogeneous cluster training",
    and "Warm pools cannot be used with spot instances".
    """
    if not request["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        return
    for given, with_what in (
        (request["ResourceConfig"].get("InstanceGroups"), "heterogeneous cluster training (InstanceGroups)"),
        (request.get("EnableManagedSpotTraining"), "spot instances (EnableManagedSpotTraining)"),
    ):
        if given:
            raise validation(f"Warm pools (KeepAlivePeriodInSeconds) cannot be used with {with_what}.")


def _check_counts(resources: Document) -> None:
    """The model's minimum is 0, of a count that DescribeTrainingJob gives; a job has an instance."""
    every = {
        "": [resources],
        **{each: resources.get(each, []) for each in ("InstanceGroups", "InstancePreferences")},
    }
    for member, given in every.items():
        for number, each in enumerate(given, 1):
            if each.get("InstanceCount") == 0:
                within = f"{member[0].lower()}{member[1:]}.{number}.member." if member else ""
                raise validation(
                    f"1 validation error detected: Value '0' at 'resourceConfig.{within}instanceCount' failed to "
                    f"satisfy constraint: Member must have value greater than or equal to 1"
                )


def _check_instances(resources: Document) -> None:
    """InstanceType and InstanceCount, or the same of each of InstanceGroups."""
    if "TrainingPlanArn" in resources:
        raise validation("The local SageMaker knows no training plans; leave TrainingPlanArn out.")
    given = resources.get("InstanceGroups", [])
    single = "InstanceType" in resources or "InstanceCount" in resources
    if given and single:
        raise validation("ResourceConfig takes InstanceGroups, or InstanceType and InstanceCount, not both.")
    for each in given or [resources]:
        if "InstanceType" not in each or "InstanceCount" not in each:
            raise validation(
                "ResourceConfig needs InstanceType and InstanceCount, or both in each of InstanceGroups."
            )
    names = [each.get("InstanceGroupName") for each in given]
    if None in names or len(set(names)) < len(names):
        raise validation("Each of InstanceGroups needs an InstanceGroupName of its own.")


def _check_groups(request: Request, channel: Document) -> None:
    known = [group.name for group in groups(request)]
    for name in channel["DataSource"]["S3DataSource"].get("InstanceGroupNames", []):
        if name not in known:
            raise validation(
                f"Channel {channel['ChannelName']}: there is no instance group {name}; there are {', '.join(known)}."
            )


def _check_channel_names(request: Request) -> None:
    """Each names a place of its own in /opt/ml/input/data: a folder, or the pipes NAME_0, NAME_1, ..."""
    mode = request["AlgorithmSpecification"]["TrainingInputMode"]
    channels = request.get("InputDataConfig", [])
    names = [channel["ChannelName"] for channel in channels]
    if len(set(names)) < len(names):
        raise validation("Channel names must be unique within InputDataConfig.")
    for name in names:
        if not name.strip("."):
            raise validation(
                f"Channel name '{name}' names no folder of /opt/ml/input/data: use letters or digits."
            )
    piped = [each["ChannelName"] for each in channels if each.get("InputMode", mode) == "Pipe"]
    for name in names:
        owner, _, epoch = name.rpartition("_")
        if owner in piped and epoch.isdigit():
            raise validation(f"Channel name '{name}' is a pipe of channel '{owner}': rename one of them.")


def _check_channel(channel: Document, mode: str) -> None:
    name = channel["ChannelName"]
    source = channel["DataSource"].get("S3DataSource")
    if source is None or len(channel["DataSource"]) > 1:
        raise validation(f"Channel {name}: the local SageMaker reads S3DataSource only.")
    _check_form(channel, mode)
    kind = source["S3DataType"]
    if kind not in ("S3Prefix", "ManifestFile", "AugmentedManifestFile"):
        raise validation(f"Channel {name}: S3DataType {kind} is not implemented; use S3Prefix.")
    # "AugmentedManifestFile can only be used if the Channel's input mode is Pipe"; FastFile "supports S3 prefixes only"
    if kind == "AugmentedManifestFile" and mode != "Pipe":
        raise validation(f"Channel {name}: AugmentedManifestFile can only be used with input mode Pipe.")
    if kind == "AugmentedManifestFile" and not source.get("AttributeNames"):
        raise validation(f"Channel {name}: AugmentedManifestFile needs AttributeNames.")
    if kind != "S3Prefix" and mode == "FastFile":
        raise validation(f"Channel {name}: input mode FastFile takes S3DataType S3Prefix only.")


def _check_form(channel: Document, mode: str) -> None:
    """CompressionType and RecordWrapperType are for Pipe mode: "In File mode, leave this field unset" (Channel)."""
    if mode == "Pipe":
        return
    for member, what in (
        ("CompressionType", "compression type"),
        ("RecordWrapperType", "record wrapper type"),
    ):
        asked = channel.get(member, "None")
        if asked != "None":
            name = channel["ChannelName"]
            raise validation(
                f"Invalid {what} for channel {name}: {mode} mode only supports NONE, got {asked} instead"
            )
