"""From an endpoint's document to what the data plane is told: variants and routes."""

from __future__ import annotations

from collections.abc import Mapping

from sagemaker_local.hosting.invoking.capture import CaptureConfig
from sagemaker_local.hosting.invoking.route import Route
from sagemaker_local.hosting.invoking.router import shares
from sagemaker_local.hosting.plan import goals
from sagemaker_local.hosting.serving.spec import AsyncConfig, ContainerSpec, ServerlessConfig, VariantSpec
from sagemaker_local.hosting.serving.variant import RunningVariant
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document

_ASYNC_CONCURRENT = 4

Fleet = dict[str, RunningVariant]


def _variant_spec(settings: Settings, endpoint: str, target: Document, goal: Document) -> VariantSpec:
    container = goal["Container"]
    return VariantSpec(
        endpoint=endpoint,
        variant=goal["VariantName"],
        model_name=container["ModelName"],
        image=container["Image"],
        environment=_environment(settings, container),
        model_data=container["ModelData"],
        is_archive=container.get("IsArchive", True),
        instance_count=1 if goal.get("Serverless") else goal["InstanceCount"],
        startup_timeout_seconds=container["Timeout"],
        serverless=_serverless(goal.get("Serverless")),
        is_asynchronous=bool(target.get("Async")),
        hostname=container.get("Hostname", ""),
        following=tuple(_container_spec(settings, each) for each in container.get("Following", ())),
        instance_type=goal.get("InstanceType") or "",
    )


def _container_spec(settings: Settings, container: Document) -> ContainerSpec:
    return ContainerSpec(
        hostname=container["Hostname"],
        image=container["Image"],
        environment=_environment(settings, container),
        model_data=container["ModelData"],
        is_archive=container.get("IsArchive", True),
    )


def _environment(settings: Settings, container: Document) -> dict[str, str]:
    return settings.container_environment(container.get("Role")) | dict(container["Environment"])


def all_specs(settings: Settings, endpoint: str, target: Document) -> list[VariantSpec]:
    """What has to run for the target: its production variants, and its shadow."""
    return [_variant_spec(settings, endpoint, target, goal) for goal in goals(target)]


def route(settings: Settings, endpoint: str, target: Document, fleet: Fleet) -> Route:
    """All traffic on one fleet."""
    weighted = tuple((fleet[goal["VariantName"]], float(goal["Weight"])) for goal in target["Variants"])
    return _route(settings, endpoint, target, fleet, weighted)


def split_route(
    settings: Settings,
    endpoint: str,
    served: tuple[Document, Fleet],
    target: tuple[Document, Fleet],
    turned_on: Mapping[str, float],
) -> Route:
    """Two fleets of the same variants: `turned_on` is the share of each variant on the new one."""
    halves = (
        [(running, weight * (1 - turned_on[running.spec.variant])) for running, weight in _fleet(*served)],
        [(running, weight * turned_on[running.spec.variant]) for running, weight in _fleet(*target)],
    )
    weighted = tuple((running, weight) for half in halves for running, weight in half if weight > 0)
    return _route(settings, endpoint, *target, weighted)


def _fleet(target: Document, fleet: Fleet) -> list[tuple[RunningVariant, float]]:
    """The variants with their shares of the fleet's traffic."""
    split = shares([float(goal["Weight"]) for goal in target["Variants"]])
    return [
        (fleet[goal["VariantName"]], share) for goal, share in zip(target["Variants"], split, strict=True)
    ]


def _route(
    settings: Settings,
    endpoint: str,
    target: Document,
    fleet: Fleet,
    variants: tuple[tuple[RunningVariant, float], ...],
) -> Route:
    return Route(
        endpoint=endpoint,
        config=target["EndpointConfigName"],
        account=settings.account,
        region=settings.region,
        variants=variants,
        capture=_capture(target["Capture"]),
        asynchronous=_asynchronous(target.get("Async")),
        shadow=_shadow(target, fleet),
    )


def _shadow(target: Document, fleet: Fleet) -> tuple[RunningVariant, float] | None:
    """The share that it gets is its weight by the production variant's, at most everything."""
    for goal in target.get("Shadow", ()):
        production = float(target["Variants"][0]["Weight"])
        share = min(1.0, float(goal["Weight"]) / production) if production else 0.0
        return fleet[goal["VariantName"]], share
    return None


def _capture(config: Document | None) -> CaptureConfig | None:
    if config is None or not config.get("EnableCapture"):
        return None
    headers = config.get("CaptureContentTypeHeader", {})
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    return CaptureConfig(
        destination=config["DestinationS3Uri"],
        sampling_percentage=float(config["InitialSamplingPercentage"]),
        modes=frozenset({"Input", "Output"}) if "InputAndOutput" in modes else frozenset(modes),
        csv_content_types=tuple(headers.get("CsvContentTypes", ())),
        json_content_types=tuple(headers.get("JsonContentTypes", ())),
    )


def _asynchronous(config: Document | None) -> AsyncConfig | None:
    if config is None:
        return None
    output = config["OutputConfig"]
    topics = output.get("NotificationConfig", {})
    client = config.get("ClientConfig", {})
    return AsyncConfig(
        output_path=output.get("S3OutputPath"),
        failure_path=output.get("S3FailurePath"),
        success_topic=topics.get("SuccessTopic"),
        error_topic=topics.get("ErrorTopic"),
        include_in=frozenset(topics.get("IncludeInferenceResponseIn", ())),
        # "If no value is provided, SageMaker chooses an optimal value"
        max_concurrent=client.get("MaxConcurrentInvocationsPerInstance", _ASYNC_CONCURRENT),
    )


def _serverless(config: Document | None) -> ServerlessConfig | None:
    if config is None:
        return None
    return ServerlessConfig(
        memory_mb=config["MemorySizeInMB"],
        max_concurrency=config["MaxConcurrency"],
        provisioned=config.get("ProvisionedConcurrency", 0),
    )
