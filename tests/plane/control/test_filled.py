"""What Describe answers have although nobody sent it, because clients read it without looking."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plane.processing.builders import given, processing_request
from tests.plane.support.harness import BUCKET, IMAGE, ROLE, training_request
from tests.plane.tuning.builders import RANGES, definition, tuning_request


def test_a_training_job_can_be_attached_to(sm: Any) -> None:
    """The members that `Estimator.attach` of the SDK 2.257.7 reads unguarded."""
    data = [
        {
            "ChannelName": "a",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/model"}},
        }
    ]
    request = training_request("attached", InputDataConfig=data, StoppingCondition={})
    request["ResourceConfig"] = {"InstanceType": "ml.r5d.large", "InstanceCount": 1}
    sm.create_training_job(**request)
    job = sm.describe_training_job(TrainingJobName="attached")
    assert job["OutputDataConfig"]["KmsKeyId"] == ""
    assert job["OutputDataConfig"]["CompressionType"] == "GZIP"
    assert job["ResourceConfig"]["VolumeSizeInGB"] > 0
    assert job["StoppingCondition"]["MaxRuntimeInSeconds"] == 86_400
    assert job["EnableNetworkIsolation"] is job["EnableManagedSpotTraining"] is False
    (found,) = job["InputDataConfig"]
    assert (found["CompressionType"], found["RecordWrapperType"]) == ("None", "None")
    assert found["DataSource"]["S3DataSource"]["S3DataDistributionType"] == "FullyReplicated"


@pytest.mark.parametrize("key", ["", "alias/mine"])
def test_a_callers_own_key_stays(sm: Any, key: str) -> None:
    output = {"S3OutputPath": f"s3://{BUCKET}/models", "KmsKeyId": key}
    sm.create_training_job(**training_request("keyed", OutputDataConfig=output))
    assert sm.describe_training_job(TrainingJobName="keyed")["OutputDataConfig"]["KmsKeyId"] == key


def test_a_tuning_job_and_its_training_jobs_have_them_too(sm: Any) -> None:
    sm.create_hyper_parameter_tuning_job(**tuning_request("tuned"))
    job = sm.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="tuned")
    sent = definition()["OutputDataConfig"]
    # "hyperparameter reserved by SageMaker for tuning jobs": HyperparameterTuner.attach deletes it unlooked
    assert "_tuning_objective_metric" in job["TrainingJobDefinition"]["StaticHyperParameters"]
    assert (
        job["TrainingJobDefinition"]["OutputDataConfig"] == {"KmsKeyId": "", "CompressionType": "GZIP"} | sent
    )


def test_a_tuner_can_be_attached_to(sm: Any) -> None:
    """The SDK's HyperparameterTuner.attach reads each kind of range, and the type of early stopping."""
    request = tuning_request("attached", 1, 1)
    sm.create_hyper_parameter_tuning_job(**request)
    config = sm.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="attached")[
        "HyperParameterTuningJobConfig"
    ]
    assert config["TrainingJobEarlyStoppingType"] == "Off"
    assert config["ParameterRanges"] == {
        "IntegerParameterRanges": [],
        "CategoricalParameterRanges": [],
        "ContinuousParameterRanges": RANGES["ContinuousParameterRanges"],
    }


def test_a_transform_job(sm: Any) -> None:
    sm.create_model(ModelName="one", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/model"}
    sm.create_transform_job(
        TransformJobName="t",
        ModelName="one",
        TransformInput={"DataSource": {"S3DataSource": source}},
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    job = sm.describe_transform_job(TransformJobName="t")
    assert job["TransformOutput"]["KmsKeyId"] == ""
    assert job["TransformInput"]["CompressionType"] == "None"
    assert job["DataProcessing"] == {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}


def test_a_processing_job(sm: Any) -> None:
    sm.create_processing_job(**processing_request("p"))
    job = sm.describe_processing_job(ProcessingJobName="p")
    assert (job["ProcessingInputs"], job["ProcessingOutputConfig"]) == ([], {"Outputs": []})
    sm.create_processing_job(**processing_request("q", ProcessingInputs=[given("i", "x", "in")]))
    (found,) = sm.describe_processing_job(ProcessingJobName="q")["ProcessingInputs"]
    assert found["AppManaged"] is False
    assert found["S3Input"]["S3CompressionType"] == "None"
