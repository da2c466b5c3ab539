"""A pipeline's containers: which image, and what the serving one has to be told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from switchyard.config.rules.images import framework_image, program_image, spark_image, xgboost_image
from switchyard.core.names import Names
from switchyard.core.pipeline import DatasetJob, Pipeline, Prepare, Program, Training

LOG_LEVEL = "20"  # logging.INFO, as the SDK sends it
DATASET_PROGRAM = ("python3", "-m", "switchyard.runtime.dataset_program")
MODEL_CODE = "/opt/ml/model/code"


@dataclass(frozen=True)
class Roles:
    """ARNs of the roles that SageMaker takes on, with * for the model where each model has its own; and the registry
    that short image names belong to.
    """

    training: str
    hosting: str
    registry: str
    processing: str = ""
    dataset: str = ""

    def of(self, model: str) -> "Roles":
        """The roles of one model: by its folder's name, so that no pipeline.yaml can choose another's."""
        own = [
            arn.replace("*", model) for arn in (self.training, self.hosting, self.processing, self.dataset)
        ]
        return Roles(own[0], own[1], self.registry, own[2], own[3])


@dataclass(frozen=True)
class Images:
    """Addresses of one region; `registry` is the account's own, for names without a slash."""

    registry: str
    region: str

    def training(self, training: Training) -> str:
        return self._of(training, "training", training.instance_type)

    def serving(self, pipeline: Pipeline) -> str:
        return self._of(pipeline.training, "inference", pipeline.deployment.instance_type)

    def own(self, image: str) -> str:
        return image if "/" in image else f"{self.registry}/{image}"

    def processing(self, prepare: Prepare) -> str:
        return spark_image(prepare.version, self.region)

    def program(self, program: Program) -> str:
        return program_image(program.version, self.region)

    def _of(self, training: Training, use: str, instance_type: str) -> str:
        if training.kind == "builtin":
            return xgboost_image(training.version, self.region)
        if training.kind == "script":
            return framework_image(training.framework, training.version, self.region, use, instance_type)
        return self.own(training.image)


def hyperparameters(training: Training, names: Names, region: str) -> dict[str, str]:
    """What the training job is given; script mode as the SageMaker Python SDK does: every value is JSON."""
    if training.kind != "script":
        return dict(training.hyperparameters)
    return dict(training.hyperparameters) | {
        "sagemaker_program": json.dumps(training.entry_point),
        "sagemaker_submit_directory": json.dumps(training.code),
        "sagemaker_container_log_level": LOG_LEVEL,
        "sagemaker_job_name": json.dumps(names.training_job),
        "sagemaker_region": json.dumps(region),
    }


def environment(pipeline: Pipeline, region: str) -> Mapping[str, str]:
    """The serving container's variables; the user's own win.

    scikit-learn's server fetches sourcedir.tar.gz from S3, PyTorch's reads `code/` within model.tar.gz.
    """
    training, own = pipeline.training, pipeline.deployment.environment
    if training.kind != "script":
        return dict(own)
    submitted = MODEL_CODE if training.framework == "pytorch" else training.code
    return {
        "SAGEMAKER_PROGRAM": training.inference_entry_point,
        "SAGEMAKER_SUBMIT_DIRECTORY": submitted,
        "SAGEMAKER_CONTAINER_LOG_LEVEL": LOG_LEVEL,
        "SAGEMAKER_REGION": region,
        **own,
    }


@dataclass(frozen=True)
class DatasetImage:
    """image: as a pipeline.yaml may name one; "" where the stack has none. variables: what its program is told."""

    image: str = ""
    variables: Mapping[str, str] | None = None


def dataset_request(name: str, image: str, told: Mapping[str, str], job: DatasetJob) -> dict[str, Any]:
    """Without inputs and outputs: SageMaker would copy what lies there when it starts, not what was listed."""
    cluster = {"InstanceType": job.instance_type, "InstanceCount": 1, "VolumeSizeInGB": job.volume_gb}
    return {
        "ProcessingJobName": name,
        "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": list(DATASET_PROGRAM)},
        "Environment": {key: value for key, value in told.items() if value},
        "ProcessingResources": {"ClusterConfig": cluster},
        "StoppingCondition": {"MaxRuntimeInSeconds": job.max_runtime_seconds},
    }
