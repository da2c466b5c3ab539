"""SageMaker's control plane.

There is no client token on these calls: a deterministic name, and "it already exists with the same spec" taken as
success, is what makes them safe to repeat.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from switchyard.contracts.ports import Variant
from switchyard.domain.errors import BusyError, MismatchError
from switchyard.domain.names import Names
from switchyard.domain.pipeline import ASYNC, REALTIME, SERVERLESS, Deployment, Pipeline

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

Description = Mapping[str, Any] | None

EXISTS = ("ResourceInUse", "already exist", "Cannot create already existing", "must be unique")
MISSING = ("Could not find", "Requested resource not found", "does not exist", "RecordNotFound")
BUSY = ("Cannot update in-progress", "in-progress")
SETTLED = ("The request was rejected because the training job is in status",)
STARTUP_SECONDS = 480  # "must pass /ping within 8 minutes": Model Hosting FAQ


@dataclass(frozen=True)
class Roles:
    """Roles that SageMaker takes on, and the registry that short image names belong to."""

    training: str
    hosting: str
    registry: str


class SageMakerControl:
    """Fulfils ports.Control."""

    def __init__(self, client: "SageMakerClient", roles: Roles) -> None:
        self._client = client
        self._roles = roles

    # training

    def describe_training(self, name: str) -> Description:
        return _or_none(lambda: self._client.describe_training_job(TrainingJobName=name))

    def ensure_training(
        self, names: Names, pipeline: Pipeline, channels: Mapping[str, str], output: str
    ) -> None:
        training = pipeline.training
        request: dict[str, Any] = {
            "TrainingJobName": names.training_job,
            "RoleArn": self._roles.training,
            "AlgorithmSpecification": {
                "TrainingImage": self._image(training.image),
                "TrainingInputMode": "File",
                "MetricDefinitions": _metric_definitions(),
            },
            "HyperParameters": dict(training.hyperparameters),
            "InputDataConfig": [_channel(name, uri) for name, uri in channels.items()],
            "OutputDataConfig": {"S3OutputPath": output.rstrip("/")},
            "ResourceConfig": {
                "InstanceType": training.instance_type,
                "InstanceCount": training.instance_count,
                "VolumeSizeInGB": training.volume_gb,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": training.max_runtime_seconds},
            "Tags": [{"Key": "switchyard:run", "Value": names.run_id}],
        }
        found = self.describe_training(names.training_job)
        if found is None:
            _create(lambda: self._client.create_training_job(**request))
        elif found["HyperParameters"] != request["HyperParameters"]:
            raise MismatchError(
                f"training job {names.training_job} exists with other hyperparameters: it is not ours"
            )

    def stop_training(self, name: str) -> None:
        found = self.describe_training(name)
        if found is not None and found["TrainingJobStatus"] == "InProgress":
            _ignoring(SETTLED, lambda: self._client.stop_training_job(TrainingJobName=name))

    # models and configs: immutable, named by the run

    def ensure_model(self, name: str, pipeline: Pipeline, artifact: str) -> None:
        container: Any = {
            "Image": self._image(pipeline.training.image),
            "ModelDataUrl": artifact,
            "Environment": dict(pipeline.deployment.environment),
        }
        found = _or_none(lambda: self._client.describe_model(ModelName=name))
        if found is None:
            _create(
                lambda: self._client.create_model(
                    ModelName=name, PrimaryContainer=container, ExecutionRoleArn=self._roles.hosting
                )
            )
        elif found["PrimaryContainer"].get("ModelDataUrl") != artifact:
            raise MismatchError(
                f"model {name} exists with another artifact than {artifact}; it is not this run's"
            )

    def ensure_config(self, name: str, pipeline: Pipeline, variants: Sequence[Variant], folder: str) -> None:
        deployment = pipeline.deployment
        wanted = [_variant(each, deployment) for each in variants]
        request: dict[str, Any] = {"EndpointConfigName": name, "ProductionVariants": wanted}
        if deployment.mode == ASYNC:
            request["AsyncInferenceConfig"] = _asynchronous(folder, deployment)
        elif deployment.mode == REALTIME and deployment.capture_percent:
            request["DataCaptureConfig"] = _capture(f"{folder}/capture", deployment.capture_percent)
        found = _or_none(lambda: self._client.describe_endpoint_config(EndpointConfigName=name))
        if found is None:
            _create(lambda: self._client.create_endpoint_config(**request))
        elif _shares(found["ProductionVariants"]) != _shares(wanted):
            raise MismatchError(f"endpoint config {name} exists with other variants; it is not this run's")

    def list_configs(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_endpoint_configs").paginate(NameContains=prefix)
        names = [each["EndpointConfigName"] for page in pages for each in page["EndpointConfigs"]]
        return [name for name in names if name.startswith(prefix)]

    def delete_config(self, name: str) -> None:
        _ignoring(MISSING, lambda: self._client.delete_endpoint_config(EndpointConfigName=name))

    def list_models(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_models").paginate(NameContains=prefix)
        names = [each["ModelName"] for page in pages for each in page["Models"]]
        return [name for name in names if name.startswith(prefix)]

    def delete_model(self, name: str) -> None:
        _ignoring(MISSING, lambda: self._client.delete_model(ModelName=name))

    # endpoints

    def describe_endpoint(self, name: str) -> Description:
        return _or_none(lambda: self._client.describe_endpoint(EndpointName=name))

    def list_endpoints(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_endpoints").paginate(NameContains=prefix)
        return [
            e["EndpointName"]
            for page in pages
            for e in page["Endpoints"]
            if e["EndpointName"].startswith(prefix)
        ]

    def ensure_endpoint(self, name: str, config: str) -> None:
        """Creates the endpoint, or moves it to `config`; BusyError while it is changing to something else."""
        found = self.describe_endpoint(name)
        if found is None:
            _create(lambda: self._client.create_endpoint(EndpointName=name, EndpointConfigName=config))
        elif found["EndpointStatus"] in ("Failed", "Deleting"):
            self.delete_endpoint(name)
            raise BusyError(f"endpoint {name} is being deleted; it is created again after that")
        elif _goes_to(found) != config:
            _busy(lambda: self._client.update_endpoint(EndpointName=name, EndpointConfigName=config))

    def set_weights(self, name: str, weights: Mapping[str, float]) -> None:
        desired: Any = [
            {"VariantName": variant, "DesiredWeight": weight} for variant, weight in weights.items()
        ]
        found = self.describe_endpoint(name) or {}
        now = {v["VariantName"]: v.get("DesiredWeight") for v in found.get("ProductionVariants", [])}
        if any(now.get(variant) != weight for variant, weight in weights.items()):
            _busy(
                lambda: self._client.update_endpoint_weights_and_capacities(
                    EndpointName=name, DesiredWeightsAndCapacities=desired
                )
            )

    def delete_endpoint(self, name: str, config: str | None = None) -> None:
        found = self.describe_endpoint(name)
        if found is not None and found["EndpointStatus"] != "Deleting":
            _busy(lambda: _ignoring(MISSING, lambda: self._client.delete_endpoint(EndpointName=name)))
        if config:
            self.delete_config(config)

    # registry

    def ensure_package(self, names: Names, pipeline: Pipeline, artifact: str, evaluation: str) -> str:
        """CreateModelPackage takes a ClientToken: the same token is the same package."""
        group = names.package_group
        if _or_none(lambda: self._client.describe_model_package_group(ModelPackageGroupName=group)) is None:
            _create(lambda: self._client.create_model_package_group(ModelPackageGroupName=group))
        answer = self._client.create_model_package(
            ModelPackageGroupName=group,
            ModelPackageDescription=f"run {names.run_id}",
            ModelApprovalStatus="PendingManualApproval" if pipeline.approval.mode == "manual" else "Approved",
            ClientToken=names.run_id[-36:],
            InferenceSpecification={
                "Containers": [{"Image": self._image(pipeline.training.image), "ModelDataUrl": artifact}],
                "SupportedContentTypes": ["text/csv", "application/json"],
                "SupportedResponseMIMETypes": ["text/csv", "application/json"],
            },
            ModelMetrics={
                "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": evaluation}}
            },
            CustomerMetadataProperties={"run": names.run_id},
        )
        return answer["ModelPackageArn"]

    def describe_package(self, arn: str) -> Description:
        return _or_none(lambda: self._client.describe_model_package(ModelPackageName=arn))

    def _image(self, image: str) -> str:
        """A short name (`switchyard-xgboost:1`) is in the account's own registry."""
        return image if "/" in image else f"{self._roles.registry}/{image}"


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def _metric_definitions() -> list[dict[str, str]]:
    """XGBoost prints `[7]\ttrain-mlogloss:0.1\tvalidation-mlogloss:0.2` a round."""
    number = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"
    metrics = ("logloss", "mlogloss", "rmse", "auc", "merror")
    return [
        {"Name": f"{side}:{metric}", "Regex": f".*{side}-{metric}:{number}"}
        for side in ("train", "validation")
        for metric in metrics
    ]


def _variant(variant: Variant, deployment: Deployment) -> dict[str, Any]:
    described: dict[str, Any] = {
        "VariantName": variant.name,
        "ModelName": variant.sagemaker_model,
        "InitialVariantWeight": variant.weight,
    }
    if deployment.mode == SERVERLESS:
        size = {"MemorySizeInMB": deployment.memory_mb, "MaxConcurrency": deployment.max_concurrency}
        return {**described, "ServerlessConfig": size}
    return {
        **described,
        "InstanceType": deployment.instance_type,
        "InitialInstanceCount": deployment.instance_count,
        "ContainerStartupHealthCheckTimeoutInSeconds": STARTUP_SECONDS,
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


def _capture(uri: str, percent: int) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": percent,
        "DestinationS3Uri": uri,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json"],
        },
    }


def _shares(variants: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, float]]:
    return {v["VariantName"]: (v["ModelName"], float(v["InitialVariantWeight"])) for v in variants}


def _goes_to(endpoint: Mapping[str, Any]) -> str:
    """While it is updating an endpoint still shows the config it comes from; where it goes stands beside it."""
    pending = endpoint.get("PendingDeploymentSummary") or {}
    return str(pending.get("EndpointConfigName") or endpoint["EndpointConfigName"])


def _says(error: ClientError, words: Sequence[str]) -> bool:
    text = f"{error.response['Error']['Code']} {error.response['Error']['Message']}"
    return any(word in text for word in words)


def _or_none(describe: Callable[[], Any]) -> Description:
    try:
        found: Mapping[str, Any] = describe()
        return found
    except ClientError as error:
        if _says(error, MISSING):
            return None
        raise


def _ignoring(words: Sequence[str], call: Callable[[], Any]) -> None:
    try:
        call()
    except ClientError as error:
        if not _says(error, words):
            raise


def _create(call: Callable[[], Any]) -> None:
    """A second writer of the same run may have been faster: the name says that it made the same thing."""
    _ignoring(EXISTS, call)


def _busy(call: Callable[[], Any]) -> None:
    try:
        call()
    except ClientError as error:
        if _says(error, BUSY):
            raise BusyError(error.response["Error"]["Message"]) from error
        raise
