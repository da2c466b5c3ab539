"""SageMaker's control plane over the fake one: what each operation asks of it, and what it answers."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from switchyard.core.errors import BusyError, ResourceLimitError
from switchyard.core.pipeline import Guardrails
from switchyard.core.ports import Variant
from switchyard.core.resources.guardrails import Guard
from tests.fakes.world import World

CONFIG_ARN = "arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/"


class RefusedError(Exception):
    """The service says no."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def sagemaker(world: World, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """SageMaker's control plane over the fake one."""
    try:
        return SAGEMAKER[operation](world.control, asked) or {}
    except ResourceLimitError as full:
        raise RefusedError("ResourceLimitExceeded", str(full)) from full
    except BusyError as busy:
        raise RefusedError("ValidationException", str(busy)) from busy
    except KeyError as missing:
        raise RefusedError("ValidationException", f"Could not find {missing}") from missing


def _create_job(control: Any, asked: Mapping[str, Any]) -> None:
    channels = {c["ChannelName"]: c["DataSource"]["S3DataSource"]["S3Uri"] for c in asked["InputDataConfig"]}
    names = SimpleNamespace(training_job=asked["TrainingJobName"])
    pipeline = SimpleNamespace(training=SimpleNamespace(hyperparameters=asked["HyperParameters"]))
    control.ensure_training(names, pipeline, channels, asked["OutputDataConfig"]["S3OutputPath"])


def _create_tuning(control: Any, asked: Mapping[str, Any]) -> None:
    names = SimpleNamespace(tuning_job=asked["HyperParameterTuningJobName"])
    output = asked["TrainingJobDefinition"]["OutputDataConfig"]["S3OutputPath"]
    control.ensure_tuning(names, None, {}, output)


def _create_processing(control: Any, asked: Mapping[str, Any]) -> None:
    if "ProcessingInputs" not in asked:
        names, pipeline = (
            SimpleNamespace(dataset_job=asked["ProcessingJobName"]),
            SimpleNamespace(dataset_job=True),
        )
        control.ensure_dataset_job(names, pipeline, asked["Environment"]["DATASET_ORDER"])
        control.processings[asked["ProcessingJobName"]]["AppSpecification"] = asked["AppSpecification"]
        return
    [source] = [i["S3Input"]["S3Uri"] for i in asked["ProcessingInputs"] if i["InputName"] != "code"]
    [output] = [o["S3Output"]["S3Uri"] for o in asked["ProcessingOutputConfig"]["Outputs"]]
    names = SimpleNamespace(preparation_job=asked["ProcessingJobName"])
    control.ensure_processing(names, SimpleNamespace(prepare=None), source, output)
    control.processings[asked["ProcessingJobName"]]["AppSpecification"] = asked["AppSpecification"]


def _create_config(control: Any, asked: Mapping[str, Any]) -> None:
    variants = [
        Variant(v["VariantName"], v["ModelName"], v["InitialVariantWeight"], v.get("InitialInstanceCount"))
        for v in asked["ProductionVariants"]
    ]
    control.ensure_config(asked["EndpointConfigName"], None, variants, "s3://a/digits")


def _describe_config(control: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    variants = control.configs[asked["EndpointConfigName"]].items()
    return {
        "EndpointConfigArn": CONFIG_ARN + asked["EndpointConfigName"],
        "ProductionVariants": [
            {"VariantName": name, "ModelName": model, "InitialVariantWeight": weight}
            for name, (model, weight) in variants
        ],
    }


def _describe_endpoint(control: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    found = {k: v for k, v in control.endpoints[asked["EndpointName"]].items() if v is not None}
    return found | {"PendingDeploymentSummary": {"EndpointConfigName": found["_target"]}}


def _guard(asked: Mapping[str, Any]) -> Any:
    deployment = asked.get("DeploymentConfig")
    if deployment is None:
        return None
    alarms = deployment["AutoRollbackConfiguration"]["Alarms"]
    return Guard(Guardrails(), tuple(each["AlarmName"] for each in alarms))


def _set_weights(control: Any, asked: Mapping[str, Any]) -> None:
    weights = {each["VariantName"]: each["DesiredWeight"] for each in asked["DesiredWeightsAndCapacities"]}
    changes = asked["DesiredWeightsAndCapacities"]
    counts = {
        each["VariantName"]: each["DesiredInstanceCount"]
        for each in changes
        if "DesiredInstanceCount" in each
    }
    control.set_weights(asked["EndpointName"], weights, counts)


def _package(control: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    names = SimpleNamespace(run_id=asked["ClientToken"], package_group=asked["ModelPackageGroupName"])
    return {"ModelPackageArn": control.ensure_package(names, SimpleNamespace(), "", "")}


def _create_transform(control: Any, asked: Mapping[str, Any]) -> None:
    source = asked["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    output = asked["TransformOutput"]["S3OutputPath"]
    control.ensure_transform(None, None, asked["TransformJobName"], asked["ModelName"], source, output)


SAGEMAKER: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "CreateTrainingJob": _create_job,
    "DescribeTrainingJob": lambda c, a: c.jobs[a["TrainingJobName"]],
    "StopTrainingJob": lambda c, a: c.stop_training(a["TrainingJobName"]),
    "CreateHyperParameterTuningJob": _create_tuning,
    "DescribeHyperParameterTuningJob": lambda c, a: c.tunings[a["HyperParameterTuningJobName"]],
    "ListTrainingJobsForHyperParameterTuningJob": lambda c, a: {
        "TrainingJobSummaries": list(c.tuning_jobs(a["HyperParameterTuningJobName"]))
    },
    "StopHyperParameterTuningJob": lambda c, a: c.stop_tuning(a["HyperParameterTuningJobName"]),
    "CreateProcessingJob": _create_processing,
    "DescribeProcessingJob": lambda c, a: c.processings[a["ProcessingJobName"]],
    "StopProcessingJob": lambda c, a: c.stop_processing(a["ProcessingJobName"]),
    "CreateTransformJob": _create_transform,
    "DescribeTransformJob": lambda c, a: c.transforms[a["TransformJobName"]],
    "StopTransformJob": lambda c, a: c.stop_transform(a["TransformJobName"]),
    "CreateModel": lambda c, a: c.models.__setitem__(a["ModelName"], a["PrimaryContainer"]["ModelDataUrl"]),
    "DescribeModel": lambda c, a: {"PrimaryContainer": {"ModelDataUrl": c.models[a["ModelName"]]}},
    "CreateEndpointConfig": _create_config,
    "DescribeEndpointConfig": _describe_config,
    "ListEndpointConfigs": lambda c, a: {
        "EndpointConfigs": [{"EndpointConfigName": n} for n in c.configs if a["NameContains"] in n]
    },
    "ListModels": lambda c, a: {"Models": [{"ModelName": n} for n in c.models if a["NameContains"] in n]},
    "DeleteModel": lambda c, a: c.models.pop(a["ModelName"]) and None,
    "DeleteEndpointConfig": lambda c, a: c.configs.pop(a["EndpointConfigName"]) and None,
    "ListTags": lambda _control, _asked: {"Tags": []},
    "CreateEndpoint": lambda c, a: c.ensure_endpoint(a["EndpointName"], a["EndpointConfigName"]),
    "UpdateEndpoint": lambda c, a: c.ensure_endpoint(a["EndpointName"], a["EndpointConfigName"], _guard(a)),
    "UpdateEndpointWeightsAndCapacities": _set_weights,
    "DescribeEndpoint": _describe_endpoint,
    "DeleteEndpoint": lambda c, a: c.delete_endpoint(a["EndpointName"]),
    "ListEndpoints": lambda c, a: {
        "Endpoints": [{"EndpointName": name} for name in c.list_endpoints("") if a["NameContains"] in name]
    },
    "DescribeModelPackageGroup": lambda c, a: {
        "ModelPackageGroupName": c.packages[a["ModelPackageGroupName"]]
    },
    "CreateModelPackageGroup": lambda c, a: (
        c.packages.setdefault(a["ModelPackageGroupName"], "group") and None
    ),
    "CreateModelPackage": _package,
    "UpdateModelPackage": lambda c, a: c.answer_package(
        a["ModelPackageArn"], a["ModelApprovalStatus"], a["ApprovalDescription"]
    ),
    "DescribeModelPackage": lambda c, a: dict(c.describe_package(a["ModelPackageName"])),
}
