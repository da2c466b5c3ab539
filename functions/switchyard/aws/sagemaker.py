"""SageMaker's control plane."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlparse

from switchyard.aws.calls import (
    MISSING,
    PAGES,
    Description,
    accepted,
    busy,
    create,
    create_seen,
    ignoring,
    or_none,
)
from switchyard.aws.containers import Roles, environment
from switchyard.aws.jobs import SageMakerJobs
from switchyard.aws.request_members import completed, listed
from switchyard.core.errors import BusyError, MismatchError
from switchyard.core.names import Names, run_of
from switchyard.core.pipeline import ASYNC, REALTIME, SERVERLESS, Deployment, Pipeline
from switchyard.core.ports import Variant
from switchyard.core.registry import WAITING
from switchyard.core.resources.captured import DESTINATION
from switchyard.core.resources.guardrails import Guard

__all__ = ["Roles", "SageMakerControl"]

# A variant that stays keeps the instances that it has come to, by its load or by hand; weights and capture are the
# config's ("the default is false": UpdateEndpoint, RetainAllVariantProperties).
KEPT: Any = {
    "RetainAllVariantProperties": True,
    "ExcludeRetainedVariantProperties": [
        {"VariantPropertyType": "DesiredWeight"},
        {"VariantPropertyType": "DataCaptureConfig"},
    ],
}
STARTUP_SECONDS = 480  # "must pass /ping within 8 minutes": Model Hosting FAQ


class SageMakerControl(SageMakerJobs):
    """Fulfils ports.Control."""

    # models and configs: immutable, named by the run

    def ensure_model(self, name: str, pipeline: Pipeline, artifact: str) -> None:
        container = self._serving(pipeline, artifact)
        request: Any = {
            "ModelName": name,
            "PrimaryContainer": container,
            "ExecutionRoleArn": self._roles.of(pipeline.name).hosting,
        }
        request = completed("CreateModel", request, self._account, pipeline, self._run_of(name))

        def describe() -> Any:
            return self._client.describe_model(ModelName=name)

        found = or_none(describe)
        if found is None:
            create_seen(lambda: self._client.create_model(**request), describe)
        elif found["PrimaryContainer"].get("ModelDataUrl") != artifact:
            raise MismatchError(
                f"model {name} exists with another artifact than {artifact}; it is not this run's; remove it, then "
                f"drop the dataset again"
            )

    def ensure_config(self, name: str, pipeline: Pipeline, variants: Sequence[Variant], folder: str) -> None:
        deployment = pipeline.deployment
        wanted = [_variant(each, deployment) for each in variants]
        request: dict[str, Any] = {"EndpointConfigName": name, "ProductionVariants": wanted}
        if deployment.mode == ASYNC:
            request["AsyncInferenceConfig"] = _asynchronous(folder, deployment)
        elif deployment.mode == REALTIME and deployment.capture_percent:
            request["DataCaptureConfig"] = _capture(folder, deployment.capture_percent)
        request = completed("CreateEndpointConfig", request, self._account, pipeline, self._run_of(name))

        def describe() -> Any:
            return self._client.describe_endpoint_config(EndpointConfigName=name)

        found = or_none(describe)
        if found is None:
            create_seen(lambda: self._client.create_endpoint_config(**request), describe)
        elif _shares(found["ProductionVariants"]) != _shares(wanted):
            raise MismatchError(
                f"endpoint config {name} exists with other variants; it is not this run's; remove it, then drop the "
                f"dataset again"
            )

    def has_model(self, name: str) -> bool:
        return or_none(lambda: self._client.describe_model(ModelName=name)) is not None

    def has_config(self, name: str) -> bool:
        return or_none(lambda: self._client.describe_endpoint_config(EndpointConfigName=name)) is not None

    def list_configs(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_endpoint_configs").paginate(
            NameContains=prefix, PaginationConfig=PAGES
        )
        names = [each["EndpointConfigName"] for page in pages for each in page["EndpointConfigs"]]
        return [name for name in names if name.startswith(prefix)]

    def delete_config(self, name: str) -> None:
        ignoring(MISSING, lambda: self._client.delete_endpoint_config(EndpointConfigName=name))

    def list_models(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_models").paginate(
            NameContains=prefix, PaginationConfig=PAGES
        )
        names = [each["ModelName"] for page in pages for each in page["Models"]]
        return [name for name in names if name.startswith(prefix)]

    def delete_model(self, name: str) -> None:
        ignoring(MISSING, lambda: self._client.delete_model(ModelName=name))

    # endpoints

    def describe_endpoint(self, name: str) -> Description:
        return or_none(lambda: self._client.describe_endpoint(EndpointName=name))

    def list_endpoints(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_endpoints").paginate(
            NameContains=prefix, PaginationConfig=PAGES
        )
        return [
            e["EndpointName"]
            for page in pages
            for e in page["Endpoints"]
            if e["EndpointName"].startswith(prefix)
        ]

    def ensure_endpoint(self, name: str, config: str, guard: Guard | None = None) -> None:
        """Creates the endpoint, or moves it to `config`; BusyError while it is changing to something else."""
        found = self.describe_endpoint(name)
        if found is None:
            create(lambda: self._create_endpoint(name, config))
        elif found["EndpointStatus"] in ("Failed", "Deleting"):
            self.delete_endpoint(name)
            raise BusyError(f"endpoint {name} is being deleted; it is created again after that")
        elif _goes_to(found) != config or found["EndpointStatus"] == "UpdateRollbackFailed":
            # a guarded shift keeps the variant's name, and its counts are those of the new config
            how: Any = {"DeploymentConfig": _deployment(guard)} if guard else KEPT
            busy(lambda: self._client.update_endpoint(EndpointName=name, EndpointConfigName=config, **how))

    def _create_endpoint(self, name: str, config: str) -> None:
        """With its config's tags: whoever brings an endpoint back knows no pipeline."""
        found = self._client.describe_endpoint_config(EndpointConfigName=config)
        pages = self._client.get_paginator("list_tags").paginate(ResourceArn=found["EndpointConfigArn"])
        tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
        request: Any = {"Tags": listed(self._account.endpoint_tags(name, tags))}
        self._client.create_endpoint(EndpointName=name, EndpointConfigName=config, **request)

    def set_weights(
        self, name: str, weights: Mapping[str, float], counts: Mapping[str, int] | None = None
    ) -> None:
        desired: Any = [
            {"VariantName": variant, "DesiredWeight": weight}
            | ({"DesiredInstanceCount": counts[variant]} if counts and variant in counts else {})
            for variant, weight in weights.items()
        ]
        if not _has_weights(self.describe_endpoint(name) or {}, weights):
            busy(
                lambda: self._client.update_endpoint_weights_and_capacities(
                    EndpointName=name, DesiredWeightsAndCapacities=desired
                )
            )

    def delete_endpoint(self, name: str, config: str | None = None) -> None:
        found = self.describe_endpoint(name)
        if found is not None and found["EndpointStatus"] != "Deleting":
            busy(lambda: ignoring(MISSING, lambda: self._client.delete_endpoint(EndpointName=name)))
        if config:
            self.delete_config(config)

    # registry

    def ensure_package(
        self, names: Names, pipeline: Pipeline, artifact: str, evaluation: str, card: str = ""
    ) -> str:
        """CreateModelPackage takes a ClientToken: the same request is the same package."""
        group = names.package_group

        def describe() -> Any:
            return self._client.describe_model_package_group(ModelPackageGroupName=group)

        if or_none(describe) is None:
            request: Any = {"ModelPackageGroupName": group}
            made = completed("CreateModelPackageGroup", request, self._account, pipeline)
            create_seen(lambda: self._client.create_model_package_group(**made), describe)
        package: Any = dict(
            ModelPackageGroupName=group,
            ModelPackageDescription=f"run {names.run_id}",
            ModelApprovalStatus=WAITING,
            InferenceSpecification={
                "Containers": [self._serving(pipeline, artifact)],
                "SupportedContentTypes": ["text/csv", "application/json"],
                "SupportedResponseMIMETypes": ["text/csv", "application/json"],
            },
            ModelMetrics={
                "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": evaluation}}
            },
            CustomerMetadataProperties={"run": names.run_id},
        )
        if card:
            package["ModelCard"] = {
                "ModelCardContent": card,
                "ModelCardStatus": "PendingReview",
            }
        package = completed("CreateModelPackage", package, self._account, pipeline, names.run_id)
        answer = accepted(lambda: self._client.create_model_package(**package, ClientToken=_token(package)))
        return str(answer["ModelPackageArn"])

    def describe_package(self, arn: str) -> Description:
        return or_none(lambda: self._client.describe_model_package(ModelPackageName=arn))

    def answer_package(self, arn: str, status: str, why: str) -> None:
        found = self.describe_package(arn)
        request: Any = {
            "ModelPackageArn": arn,
            "ModelApprovalStatus": status,
            "ApprovalDescription": why,
        }
        if found is not None and found.get("ModelApprovalStatus") != status:
            ignoring(MISSING, lambda: self._client.update_model_package(**request))

    def _run_of(self, name: str) -> str:
        return run_of(self._account.project, name)

    def _serving(self, pipeline: Pipeline, artifact: str) -> Any:
        return {
            "Image": self._images.serving(pipeline),
            "ModelDataUrl": artifact,
            "Environment": dict(environment(pipeline, self._region)),
        }


def _variant(variant: Variant, deployment: Deployment) -> dict[str, Any]:
    described: dict[str, Any] = {
        "VariantName": variant.name,
        "ModelName": variant.sagemaker_model,
        "InitialVariantWeight": variant.weight,
    }
    if deployment.mode == SERVERLESS:
        size = {"MemorySizeInMB": deployment.memory_mb, "MaxConcurrency": deployment.max_concurrency}
        return {**described, "ServerlessConfig": size}
    wait = deployment.capacity_wait_seconds
    return {
        **described,
        **({"VariantInstanceProvisionTimeoutInSeconds": wait} if wait else {}),
        "InstanceType": deployment.instance_type,
        "InitialInstanceCount": variant.instances or deployment.instance_count,
        "ContainerStartupHealthCheckTimeoutInSeconds": STARTUP_SECONDS,
    }


def _deployment(guard: Guard) -> dict[str, Any]:
    """Blue/green by parts of the new fleet's capacity."""
    policy = guard.policy
    size = "CanarySize" if policy.traffic == "canary" else "LinearStepSize"
    routing = {
        "Type": policy.traffic.upper(),
        size: {"Type": "CAPACITY_PERCENT", "Value": policy.percent},
        "WaitIntervalInSeconds": policy.wait_seconds,
    }
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": policy.termination_wait_seconds,
            "MaximumExecutionTimeoutInSeconds": policy.timeout_seconds,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in guard.alarms]},
    }


def _asynchronous(folder: str, deployment: Deployment) -> dict[str, Any]:
    return {
        "OutputConfig": {
            "S3OutputPath": f"{folder}/async/answers",
            "S3FailurePath": f"{folder}/async/failures",
        },
        "ClientConfig": {
            "MaxConcurrentInvocationsPerInstance": deployment.max_concurrent_invocations_per_instance
        },
    }


def _capture(folder: str, percent: int) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": percent,
        "DestinationS3Uri": f"s3://{urlparse(folder).netloc}/{DESTINATION}",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json"],
        },
    }


def _shares(variants: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, float]]:
    return {v["VariantName"]: (v["ModelName"], float(v["InitialVariantWeight"])) for v in variants}


def _has_weights(found: Mapping[str, Any], weights: Mapping[str, float]) -> bool:
    """They are desired, and in force once the endpoint has settled: a change of weights that failed leaves others."""
    members = ["DesiredWeight", *(["CurrentWeight"] if found.get("EndpointStatus") == "InService" else [])]
    now = {v["VariantName"]: v for v in found.get("ProductionVariants", [])}
    return all(
        now.get(variant, {}).get(member) == weight
        for variant, weight in weights.items()
        for member in members
    )


def _token(request: Mapping[str, Any]) -> str:
    """At most 36 characters ("ClientToken ... Maximum length of 36"), another one for every request: a token that
    was used with other parameters, by a release before this one, would be refused.
    """
    return sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:36]


def _goes_to(endpoint: Mapping[str, Any]) -> str:
    """While it is updating an endpoint still shows the config it comes from; where it goes stands beside it."""
    pending = endpoint.get("PendingDeploymentSummary") or {}
    return str(pending.get("EndpointConfigName") or endpoint["EndpointConfigName"])
