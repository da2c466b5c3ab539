"""Retries, Spot, warm pools and FastFile: what the door takes, and what SageMaker is asked for."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import Stubber

from switchyard.aws.containers import Roles
from switchyard.aws.jobs import SageMakerJobs
from switchyard.config import door
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.names import Names


def parsed(training: dict[str, Any], **parts: Any) -> Any:
    text = yaml.safe_dump({"name": "m", "target": "y", "training": training, **parts})
    return door.parse("m", text, LabelStatistics(10, {0.0, 1.0}))


def asked(training: dict[str, Any]) -> dict[str, Any]:
    """The request for the training job of such a pipeline."""
    client = boto3.client(
        "sagemaker", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    seen: dict[str, Any] = {}
    client.meta.events.register(
        "provide-client-params.sagemaker.CreateTrainingJob", lambda params, **_: seen.update(params)
    )
    jobs = SageMakerJobs(client, Roles("arn:aws:iam::000000000000:role/training", "", "registry"))
    with Stubber(client) as stub:
        stub.add_client_error("describe_training_job", "ValidationException", "Requested resource not found.")
        stub.add_response(
            "create_training_job",
            {"TrainingJobArn": "arn:aws:sagemaker:us-east-1:000000000000:training-job/x"},
        )
        jobs.ensure_training(
            Names("p", "m", "m-1"), parsed(training), {"train": "s3://a/train/"}, "s3://a/m/models/"
        )
    return seen


def test_by_default_none_of_it_is_asked_for() -> None:
    request = asked({})
    assert request["AlgorithmSpecification"]["TrainingInputMode"] == "File"
    for member in ("RetryStrategy", "EnableManagedSpotTraining", "CheckpointConfig"):
        assert member not in request
    assert "KeepAlivePeriodInSeconds" not in request["ResourceConfig"]


def test_spot_goes_on_from_checkpoints_of_its_own() -> None:
    request = asked({"spot_max_wait_seconds": 90000, "retries": 3, "input_mode": "FastFile"})
    assert request["EnableManagedSpotTraining"] is True
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400, "MaxWaitTimeInSeconds": 90000}
    name = request["TrainingJobName"]
    assert request["CheckpointConfig"] == {"S3Uri": f"s3://a/m/models/{name}/checkpoints"}
    assert request["RetryStrategy"] == {"MaximumRetryAttempts": 3}
    assert request["AlgorithmSpecification"]["TrainingInputMode"] == "FastFile"


def test_a_warm_pool() -> None:
    assert asked({"keep_alive_seconds": 600})["ResourceConfig"]["KeepAlivePeriodInSeconds"] == 600


def test_other_types_are_named_in_the_order_of_preference() -> None:
    request = asked({"fallback_instance_types": ["ml.c5.xlarge", "ml.m6i.large"], "instance_count": 1})
    types = ["ml.m5.large", "ml.c5.xlarge", "ml.m6i.large"]
    assert request["ResourceConfig"] == {
        "InstancePreferences": [{"InstanceType": each} for each in types],
        "InstanceCount": 1,
        "VolumeSizeInGB": 10,
    }


@pytest.mark.parametrize(
    ("training", "parts", "text"),
    [
        ({"fallback_instance_types": ["ml.m5.large"]}, {}, "names a type twice"),
        ({"fallback_instance_types": ["ml.c5.xlarge"] * 2}, {}, "names a type twice"),
        ({"fallback_instance_types": ["ml.foo.bar"]}, {}, "SageMaker has no ml.foo.bar for training jobs"),
        (
            {"fallback_instance_types": ["ml.c5.xlarge"], "spot_max_wait_seconds": 90000},
            {},
            "no such list for Spot",
        ),
        (
            {"fallback_instance_types": ["ml.c5.xlarge"]},
            {"tuning": {"parameters": {"max_depth": {"min": 2, "max": 8}}}},
            "is not for tuning jobs",
        ),
        (
            {
                "kind": "script",
                "framework": "pytorch",
                "entry_point": "train.py",
                "fallback_instance_types": ["ml.g5.xlarge"],
            },
            {},
            "one image for GPUs and one without",
        ),
        ({}, {"deployment": {"capacity_wait_seconds": 60}}, "SageMaker waits 300 to 3600 seconds"),
        (
            {},
            {"deployment": {"mode": "serverless", "capacity_wait_seconds": 600}},
            "belongs to endpoints with instances",
        ),
        ({"spot_max_wait_seconds": 3600}, {}, "at least max_runtime_seconds, 86400"),
        ({"spot_max_wait_seconds": 90000, "keep_alive_seconds": 60}, {}, "Spot instances are given back"),
        (
            {"keep_alive_seconds": 60},
            {"tuning": {"parameters": {"max_depth": {"min": 2, "max": 8}}}},
            "is not for tuning jobs",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(
    training: dict[str, Any], parts: dict[str, Any], text: str
) -> None:
    with pytest.raises(InvalidPipelineError, match=text):
        parsed(training, **parts)
