"""Endpoint configs: variants, weights, capture. Immutable: a change is a new config and an UpdateEndpoint."""

from __future__ import annotations

from sagemaker_local.control.context import Context, Request
from sagemaker_local.control.listing import Listing, picked
from sagemaker_local.control.named import NamedResource
from sagemaker_local.hosting import models
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation
from sagemaker_local.wire.repeated import repeated

CONFIGS = NamedResource(
    kind="endpoint-config",
    member="EndpointConfig",
    taken=lambda arn: validation(f'Cannot create already existing endpoint configuration "{arn}".'),
    absent=lambda arn: validation(f'Could not find endpoint configuration "{arn}".'),
)
_OF_INSTANCES = (
    "InstanceType",
    "InitialInstanceCount",
    "ManagedInstanceScaling",
    "InstancePools",
    "VariantInstanceProvisionTimeoutInSeconds",
)
_NOT_SERVED = (
    "ExplainerConfig",
    "CrossRegionTrafficConfig",
)


def create_endpoint_config(context: Context, request: Request) -> Document:
    CONFIGS.require_new(context, request)
    if (
        "DataCaptureConfig" in request
    ):  # "whether data capture should be enabled or disabled (defaults to enabled)"
        request = request | {"DataCaptureConfig": {"EnableCapture": True} | request["DataCaptureConfig"]}
    _refuse_what_is_not_served(request)
    shadows = request.get("ShadowProductionVariants", [])
    _check_names([*request["ProductionVariants"], *shadows])
    if shadows:
        _check_shadow(request)
    if "AsyncInferenceConfig" in request:
        _check_async(request)
    if any("ServerlessConfig" in each for each in request["ProductionVariants"]):
        _check_around_serverless(request)
    members: Document = {"EnableNetworkIsolation": request.get("EnableNetworkIsolation", False)}
    members["ProductionVariants"] = [_variant(context, each) for each in request["ProductionVariants"]]
    if shadows:
        members["ShadowProductionVariants"] = [_variant(context, each) for each in shadows]
    return CONFIGS.create(context, request, members)


def describe_endpoint_config(context: Context, request: Request) -> Document:
    return find(context, request["EndpointConfigName"])


def delete_endpoint_config(context: Context, request: Request) -> None:
    """Never blocked by an endpoint that uses it: the docs say "must not", the API does not check."""
    CONFIGS.delete(context, find(context, request["EndpointConfigName"]))


list_endpoint_configs = Listing(
    CONFIGS.kind,
    "EndpointConfigs",
    picked("EndpointConfigName", "EndpointConfigArn", "CreationTime"),
    from_time=True,
)


def find(context: Context, name: str) -> Document:
    """The config's document; raises ServiceError in AWS's words when there is none."""
    return CONFIGS.find(context, name)


def _refuse_what_is_not_served(request: Request) -> None:
    for member in _NOT_SERVED:
        if request.get(member):
            raise validation(f"The local SageMaker does not implement {member} yet; leave it out.")


def _check_names(variants: list[Document]) -> None:
    names = [variant["VariantName"] for variant in variants]
    twice = repeated(names)
    if twice:
        raise validation(
            f"Production variant names must be unique within an endpoint config: {twice[0]} is not."
        )


def _check_shadow(request: Request) -> None:
    """ "You can only specify one variant for ProductionVariants and one variant for ShadowProductionVariants"."""
    variants, shadows = request["ProductionVariants"], request["ShadowProductionVariants"]
    if len(variants) != 1 or len(shadows) != 1:
        raise validation(
            "If you use ShadowProductionVariants, you can only specify one variant for ProductionVariants and one "
            f"variant for ShadowProductionVariants; found {len(variants)} and {len(shadows)}."
        )
    if "AsyncInferenceConfig" in request:
        raise validation("ShadowProductionVariants are not supported together with AsyncInferenceConfig.")
    if any("ServerlessConfig" in each for each in (*variants, *shadows)):
        raise validation("ShadowProductionVariants are not supported for serverless endpoints.")


def _check_async(request: Request) -> None:
    """ "Exactly one" instance-based variant; what captures data is the S3 objects themselves."""
    if len(request["ProductionVariants"]) != 1:
        raise validation("AsyncInferenceConfig supports exactly one production variant.")
    if "ServerlessConfig" in request["ProductionVariants"][0]:
        raise validation("AsyncInferenceConfig is not supported for serverless production variants.")
    if request.get("DataCaptureConfig", {}).get("EnableCapture"):
        raise validation("DataCaptureConfig is not supported together with AsyncInferenceConfig.")


def _check_around_serverless(request: Request) -> None:
    """ "Feature exclusions" of serverless endpoints: several variants, data capture, VPC, isolation."""
    if len(request["ProductionVariants"]) != 1:
        raise validation("Serverless endpoints support exactly one production variant.")
    if request.get("DataCaptureConfig", {}).get("EnableCapture"):
        raise validation("DataCaptureConfig is not supported for serverless endpoints.")
    if "VpcConfig" in request or request.get("EnableNetworkIsolation"):
        raise validation("VpcConfig and EnableNetworkIsolation are not supported for serverless endpoints.")


def _check_serverless(variant: Document) -> None:
    config, name = variant["ServerlessConfig"], variant["VariantName"]
    if config["MemorySizeInMB"] % 1024:
        raise validation(
            f"Production variant {name}: MemorySizeInMB must be in 1 GB increments from 1024 to 6144; "
            f"found {config['MemorySizeInMB']}."
        )
    if config.get("ProvisionedConcurrency", 0) > config["MaxConcurrency"]:
        raise validation(
            f"Production variant {name}: ProvisionedConcurrency must not be more than MaxConcurrency."
        )
    for member in _OF_INSTANCES:
        if member in variant:
            raise validation(f"Production variant {name}: {member} does not go with ServerlessConfig.")


def _variant(context: Context, variant: Document) -> Document:
    name = variant["VariantName"]
    if "ModelName" not in variant:
        raise validation(
            f"ModelName is missing in production variant {name}: inference components are not implemented."
        )
    models.find(context, variant["ModelName"])
    if "ServerlessConfig" in variant:
        _check_serverless(variant)
        return {"InitialVariantWeight": 1.0} | variant
    for member in ("InstanceType", "InitialInstanceCount"):
        if member not in variant:
            raise validation(f"Production variant {name} needs {member}, or a ServerlessConfig.")
    if "InstancePools" in variant:
        raise validation(
            f"Production variant {name}: the local SageMaker does not implement InstancePools; leave it out."
        )
    if "ManagedInstanceScaling" in variant:
        raise validation("ManagedInstanceScaling is only supported for inference component endpoints.")
    return {"InitialVariantWeight": 1.0} | variant
