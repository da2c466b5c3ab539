"""Jobs of SageMaker: training, tuning, processing, transform. Named by the run, made once however often asked for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from switchyard.aws.calls import PAGES, Description, agrees, create, ignoring, or_none
from switchyard.aws.containers import DatasetImage, Images, Roles, dataset_request, hyperparameters
from switchyard.aws.request_members import completed
from switchyard.core.account import Account
from switchyard.core.errors import MismatchError
from switchyard.core.names import Names
from switchyard.core.pipeline import Pipeline, Prepare, Program, Training, Tuning
from switchyard.core.resources.media import MANIFEST

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

SETTLED = ("The request was rejected because the",)
FOREIGN = (
    "find out whose it is, then drop the dataset again, changed: another dataset has jobs of other names"
)
PROCESSING_CODE = "/opt/ml/processing/input/code"
SPARK_INPUT = "/opt/ml/processing/input/data"
PROCESSING_OUTPUT = "/opt/ml/processing/output"
PROGRAM_INPUT = "/opt/ml/processing/input/answers"
# What the Parquet and JSON Lines readers of SageMaker's own images are asked by (Common Data Formats, Training).
CONTENT_TYPES = {"csv": "text/csv", "parquet": "application/x-parquet", "jsonl": "application/jsonlines"}


class SageMakerJobs:
    """The part of ports.Control that trains."""

    def __init__(
        self,
        client: "SageMakerClient",
        roles: Roles,
        account: Account | None = None,
        dataset: DatasetImage | None = None,
    ) -> None:
        self._client = client
        self._roles = roles
        self._dataset = dataset or DatasetImage()
        self._account = account or Account()

    @property
    def _region(self) -> str:
        """The client's: which is made when it is first asked, and many functions ask it for nothing."""
        return self._client.meta.region_name

    @property
    def _images(self) -> Images:
        return Images(self._roles.registry, self._region)

    # training

    def describe_training(self, name: str) -> Description:
        return or_none(lambda: self._client.describe_training_job(TrainingJobName=name))

    def ensure_training(
        self, names: Names, pipeline: Pipeline, channels: Mapping[str, str], output: str
    ) -> None:
        request: Any = {
            "TrainingJobName": names.training_job,
            "HyperParameters": hyperparameters(pipeline.training, names, self._region),
            **self._training(pipeline, channels, output),
        }
        _alone(request, pipeline.training, f"{output.rstrip('/')}/{names.training_job}/checkpoints")
        request |= _tracked(self._account, pipeline, names.run_id)
        request = completed("CreateTrainingJob", request, self._account, pipeline, names.run_id)
        found = self.describe_training(names.training_job)
        if found is None:
            create(lambda: self._client.create_training_job(**request))
        elif not agrees(found.get("HyperParameters", {}), request["HyperParameters"]):
            raise MismatchError(
                f"training job {names.training_job} exists with other hyperparameters: it is not ours; {FOREIGN}"
            )

    def stop_training(self, name: str) -> None:
        if _runs(self.describe_training(name), "TrainingJobStatus"):
            ignoring(SETTLED, lambda: self._client.stop_training_job(TrainingJobName=name))

    def _training(self, pipeline: Pipeline, channels: Mapping[str, str], output: str) -> dict[str, Any]:
        """What a training job and a tuning job's training jobs have in common."""
        training = pipeline.training
        algorithm: dict[str, Any] = {
            "TrainingImage": self._images.training(training),
            "TrainingInputMode": training.input_mode,
        }
        if training.metric_definitions:
            metrics = training.metric_definitions.items()
            algorithm["MetricDefinitions"] = [{"Name": name, "Regex": regex} for name, regex in metrics]
        return {
            "RoleArn": self._roles.of(pipeline.name).training,
            "AlgorithmSpecification": algorithm,
            "InputDataConfig": [_channel(name, uri, training) for name, uri in channels.items()],
            "OutputDataConfig": {"S3OutputPath": output.rstrip("/")},
            "ResourceConfig": {
                **_types(training),
                "InstanceCount": training.instance_count,
                "VolumeSizeInGB": training.volume_gb,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": training.max_runtime_seconds},
            **_endurance(training),
        }

    # tuning

    def describe_tuning(self, name: str) -> Description:
        return or_none(
            lambda: self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        )

    def ensure_tuning(
        self, names: Names, pipeline: Pipeline, channels: Mapping[str, str], output: str
    ) -> None:
        if pipeline.tuning is None:
            raise MismatchError(
                f"{names.run_id} has no tuning part, and its route led to StartTuning; drop the dataset again"
            )
        definition = {
            "StaticHyperParameters": hyperparameters(pipeline.training, names, self._region),
            **self._training(pipeline, channels, output),
        }
        request: Any = {
            "HyperParameterTuningJobName": names.tuning_job,
            "HyperParameterTuningJobConfig": _tuning(pipeline.tuning),
            "TrainingJobDefinition": definition,
        }
        request = completed("CreateHyperParameterTuningJob", request, self._account, pipeline, names.run_id)
        found = self.describe_tuning(names.tuning_job)
        if found is None:
            create(lambda: self._client.create_hyper_parameter_tuning_job(**request))
        elif not agrees(found["TrainingJobDefinition"]["OutputDataConfig"], definition["OutputDataConfig"]):
            raise MismatchError(
                f"tuning job {names.tuning_job} exists for another model: it is not ours; {FOREIGN}"
            )

    def stop_tuning(self, name: str) -> None:
        if _runs(self.describe_tuning(name), "HyperParameterTuningJobStatus"):
            ignoring(
                SETTLED,
                lambda: self._client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name),
            )

    def tuning_jobs(self, name: str) -> Sequence[Mapping[str, Any]]:
        if self.describe_tuning(name) is None:
            return []
        pages = self._client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
        return [
            job
            for page in pages.paginate(HyperParameterTuningJobName=name, PaginationConfig=PAGES)
            for job in page["TrainingJobSummaries"]
        ]

    # processing

    def describe_processing(self, name: str) -> Description:
        return or_none(lambda: self._client.describe_processing_job(ProcessingJobName=name))

    def ensure_processing(self, names: Names, pipeline: Pipeline, source: str, output: str) -> None:
        self._ensure_processing(self._processing(names, pipeline, source, output), pipeline, names)

    def ensure_program(self, names: Names, pipeline: Pipeline, source: str, output: str) -> None:
        """The owner's script on the scikit-learn image, as the SageMaker Python SDK's SKLearnProcessor runs it."""
        program = pipeline.program
        if program is None:
            raise MismatchError(
                f"{names.run_id} has no evaluation.program, and its route led to StartProgram; drop the dataset again"
            )
        request = {
            "ProcessingJobName": names.program_job,
            "AppSpecification": {
                "ImageUri": self._images.program(program),
                "ContainerEntrypoint": ["python3", f"{PROCESSING_CODE}/{program.entry_point}"],
                "ContainerArguments": ["--input", PROGRAM_INPUT, "--output", PROCESSING_OUTPUT],
            },
            "ProcessingInputs": [
                _input("answers", source, PROGRAM_INPUT),
                _input("code", program.code, PROCESSING_CODE),
            ],
            "ProcessingOutputConfig": {"Outputs": [_output("losses", output, PROCESSING_OUTPUT)]},
            **_machines(program, 1),
        }
        self._ensure_processing(request, pipeline, names)

    def ensure_dataset_job(self, names: Names, pipeline: Pipeline, order: str) -> None:
        job = pipeline.dataset_job
        if job is None or not self._dataset.image:
            raise MismatchError(
                f"{names.run_id} begins with a dataset job, and this stack has no image for one; deploy it with "
                f"DatasetImage, then drop the dataset again"
            )
        told = {**(self._dataset.variables or {}), "DATASET_ORDER": order}
        image = self._images.own(self._dataset.image)
        made = dataset_request(names.dataset_job, image, told, job)
        self._ensure_processing(made | {"RoleArn": self._roles.of(pipeline.name).dataset}, pipeline, names)

    def _ensure_processing(self, made: dict[str, Any], pipeline: Pipeline, names: Names) -> None:
        made = {"RoleArn": self._roles.of(pipeline.name).processing} | made
        request: Any = completed("CreateProcessingJob", made, self._account, pipeline, names.run_id)
        found = self.describe_processing(request["ProcessingJobName"])
        if found is None:
            create(lambda: self._client.create_processing_job(**request))
        elif not agrees(found["AppSpecification"], request["AppSpecification"]):
            raise MismatchError(
                f"processing job {request['ProcessingJobName']} exists with another program: it is not ours; "
                f"{FOREIGN}"
            )

    def stop_processing(self, name: str) -> None:
        if _runs(self.describe_processing(name), "ProcessingJobStatus"):
            ignoring(SETTLED, lambda: self._client.stop_processing_job(ProcessingJobName=name))

    # batch transform

    def describe_transform(self, name: str) -> Description:
        return or_none(lambda: self._client.describe_transform_job(TransformJobName=name))

    def ensure_transform(
        self, names: Names, pipeline: Pipeline, name: str, model: str, source: str, output: str
    ) -> None:
        """A model and a folder of CSV without header: `<file>.out` has a line a row, in the same order."""
        request: Any = _transform(pipeline, name, model, source, output)
        request = completed("CreateTransformJob", request, self._account, pipeline, names.run_id)
        found = self.describe_transform(name)
        if found is None:
            create(lambda: self._client.create_transform_job(**request))
        elif found["ModelName"] != model:
            raise MismatchError(
                f"transform job {name} exists with another model than {model}: it is not ours; {FOREIGN}"
            )

    def stop_transform(self, name: str) -> None:
        if _runs(self.describe_transform(name), "TransformJobStatus"):
            ignoring(SETTLED, lambda: self._client.stop_transform_job(TransformJobName=name))

    def _processing(self, names: Names, pipeline: Pipeline, source: str, output: str) -> dict[str, Any]:
        """As the SageMaker Python SDK's PySparkProcessor: smspark-submit with the script, the code as an input."""
        prepare = pipeline.prepare
        if prepare is None:
            raise MismatchError(
                f"{names.run_id} has no prepare part, and its route led to StartPreparation; drop the dataset again"
            )
        # by their scheme: a path without one is of Spark's default file system, HDFS on AWS
        folders = {"input": f"file://{SPARK_INPUT}", "output": f"file://{PROCESSING_OUTPUT}"}
        places = folders | {"input_s3": source, "output_s3": output}
        arguments = [_filled(word, places) for word in prepare.arguments]
        application: dict[str, Any] = {
            "ImageUri": self._images.processing(prepare),
            "ContainerEntrypoint": ["smspark-submit", f"{PROCESSING_CODE}/{prepare.entry_point}"],
        }
        if arguments:
            application["ContainerArguments"] = arguments
        return {
            "ProcessingJobName": names.preparation_job,
            "AppSpecification": application,
            "ProcessingInputs": [
                _input("data", source, SPARK_INPUT),
                _input("code", prepare.code, PROCESSING_CODE),
            ],
            "ProcessingOutputConfig": {"Outputs": [_output("clean", output, PROCESSING_OUTPUT)]},
            **_machines(prepare, prepare.instance_count),
        }


def _machines(step: Prepare | Program, instances: int) -> dict[str, Any]:
    """What a processing job runs on, and for how long at most."""
    cluster = {
        "InstanceType": step.instance_type,
        "InstanceCount": instances,
        "VolumeSizeInGB": step.volume_gb,
    }
    return {
        "ProcessingResources": {"ClusterConfig": cluster},
        "StoppingCondition": {"MaxRuntimeInSeconds": step.max_runtime_seconds},
    }


def _types(training: Training) -> dict[str, Any]:
    """ "launches the training job on the first instance type in the list that has available capacity"."""
    if not training.fallback_instance_types:
        return {"InstanceType": training.instance_type}
    return {"InstancePreferences": [{"InstanceType": each} for each in training.instance_types]}


def _endurance(training: Training) -> dict[str, Any]:
    """What a job does when SageMaker itself fails."""
    return {"RetryStrategy": {"MaximumRetryAttempts": training.retries}} if training.retries else {}


def _alone(request: dict[str, Any], training: Training, checkpoints: str) -> None:
    """Warm pool and Spot, of a training job on its own; an interrupted one goes on from its checkpoints."""
    if training.keep_alive_seconds:
        request["ResourceConfig"]["KeepAlivePeriodInSeconds"] = training.keep_alive_seconds
    if training.spot_max_wait_seconds:
        request["EnableManagedSpotTraining"] = True
        request["StoppingCondition"]["MaxWaitTimeInSeconds"] = training.spot_max_wait_seconds
        request["CheckpointConfig"] = {"S3Uri": checkpoints}


def _tracked(account: Account, pipeline: Pipeline, run_id: str) -> dict[str, Any]:
    """MLflow's run is called as ours. A container that is kept from every network could not reach the server."""
    if not account.mlflow or account.network_of(pipeline).isolation:
        return {}
    experiment = pipeline.training.mlflow_experiment or pipeline.name
    names = {"MlflowExperimentName": experiment, "MlflowRunName": run_id}
    return {"MlflowConfig": {"MlflowResourceArn": account.mlflow, **names}}


def _runs(description: Description, status: str) -> bool:
    """status: the field that has it."""
    return description is not None and description[status] == "InProgress"


def _transform(pipeline: Pipeline, name: str, model: str, source: str, output: str) -> dict[str, Any]:
    """Many rows a request: "MultiRecord" fills up to MaxPayloadInMB with the lines that SplitType makes."""
    read = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source}}
    deployment, accept = pipeline.deployment, "application/json" if pipeline.response.what else "text/csv"
    return {
        "TransformJobName": name,
        "ModelName": model,
        "BatchStrategy": "MultiRecord",
        "MaxPayloadInMB": 6,
        "TransformInput": {"DataSource": read, "ContentType": "text/csv", "SplitType": "Line"},
        "TransformOutput": {"S3OutputPath": output.rstrip("/"), "Accept": accept, "AssembleWith": "Line"},
        "TransformResources": {
            "InstanceType": deployment.instance_type,
            "InstanceCount": deployment.instance_count,
        },
    }


def _channel(name: str, uri: str, training: Training) -> dict[str, Any]:
    """Only `train` is shared out: each instance validates on all of the validation rows."""
    distribution = training.data_distribution if name == "train" else "FullyReplicated"
    kind = "ManifestFile" if uri.endswith(MANIFEST) else "S3Prefix"
    source = {"S3DataType": kind, "S3Uri": uri, "S3DataDistributionType": distribution}
    form = training.format if name in ("train", "validation") else "csv"
    content = {} if kind == "ManifestFile" else {"ContentType": CONTENT_TYPES[form]}  # objects of any type
    return {"ChannelName": name, **content, "DataSource": {"S3DataSource": source}}


def _tuning(tuning: Tuning) -> dict[str, Any]:
    limits = {"MaxParallelTrainingJobs": tuning.max_parallel_jobs}
    # "If you specify the Grid strategy, [MaxNumberOfTrainingJobs] is calculated"
    if tuning.strategy != "Grid":
        limits["MaxNumberOfTrainingJobs"] = tuning.max_jobs
    ranges = {
        name: {"Name": name, "MinValue": r.minimum, "MaxValue": r.maximum, "ScalingType": r.scale}
        for name, r in tuning.ranges.items()
    }
    return {
        "Strategy": tuning.strategy,
        "HyperParameterTuningJobObjective": {"Type": tuning.goal, "MetricName": tuning.metric},
        "ResourceLimits": limits,
        "ParameterRanges": {
            "IntegerParameterRanges": [ranges[n] for n, r in tuning.ranges.items() if r.is_integer],
            "ContinuousParameterRanges": [ranges[n] for n, r in tuning.ranges.items() if not r.is_integer],
            "CategoricalParameterRanges": [
                {"Name": name, "Values": list(values)} for name, values in tuning.choices.items()
            ],
        },
        "TrainingJobEarlyStoppingType": "Off",
        "RandomSeed": 1,
    }


def _filled(word: str, places: Mapping[str, str]) -> str:
    for name, place in places.items():
        word = word.replace(f"{{{name}}}", place)
    return word


def _input(name: str, uri: str, path: str) -> dict[str, Any]:
    source = {
        "S3Uri": uri,
        "LocalPath": path,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"InputName": name, "S3Input": source}


def _output(name: str, uri: str, path: str) -> dict[str, Any]:
    return {"OutputName": name, "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"}}
