"""What CreateTrainingJob refuses, in the words of AWS."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.support.fakes import succeed
from tests.plane.support.harness import (
    Harness,
    channel,
    training_request,
)

RESOURCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
GROUP = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "InstanceGroupName": "a"}
PLAN = "arn:aws:sagemaker:us-east-1:000000000000:training-plan/p"


def _also_a_file_system(given: dict[str, Any]) -> dict[str, Any]:
    files = {
        "FileSystemId": "fs-12345678901",
        "FileSystemType": "EFS",
        "DirectoryPath": "/a",
        "FileSystemAccessMode": "ro",
    }
    return given | {"DataSource": given["DataSource"] | {"FileSystemDataSource": files}}


class TestWhatIsRefused:
    def test_a_name_that_was_ever_used(self, plane: Harness) -> None:
        plane.sm.create_training_job(**training_request("once"))
        with pytest.raises(plane.sm.exceptions.ResourceInUse, match="must be unique within an AWS account"):
            plane.sm.create_training_job(**training_request("Once"))

    def test_an_unknown_job_is_a_validation_exception(self, sm: Any) -> None:
        with pytest.raises(ClientError, match=r"\(ValidationException\).*Requested resource not found\."):
            sm.describe_training_job(TrainingJobName="never-was")
        with pytest.raises(ClientError, match=r"\(ValidationException\).*Requested resource not found\."):
            sm.stop_training_job(TrainingJobName="never-was")

    @pytest.mark.parametrize(
        ("members", "text"),
        [
            (
                {"AlgorithmSpecification": {"TrainingImage": "x:1", "TrainingInputMode": "File"}},
                "Cannot find image x:1",
            ),
            (
                {"InputDataConfig": [channel("a", "s3://b/x/", InstanceGroupNames=["none"])]},
                "there is no instance group none",
            ),
            (
                {"ResourceConfig": RESOURCES | {"InstanceCount": 0}},
                "Value '0' at 'resourceConfig.instanceCount' failed to satisfy constraint",
            ),
            (
                {"ResourceConfig": {"VolumeSizeInGB": 1, "InstanceGroups": [GROUP | {"InstanceCount": 0}]}},
                "Value '0' at 'resourceConfig.instanceGroups.1.member.instanceCount' failed to satisfy",
            ),
            (
                {"ResourceConfig": {"InstanceCount": 1, "VolumeSizeInGB": 1}},
                "needs InstanceType and InstanceCount",
            ),
            (
                {"InputDataConfig": [channel("a", "s3://b/x/"), channel("a", "s3://b/y/")]},
                "Channel names must be unique",
            ),
            (
                {"InputDataConfig": [channel("a", "s3://b/x/") | {"CompressionType": "Gzip"}]},
                "Invalid compression type for channel a: File mode only supports NONE, got Gzip instead",
            ),
            (
                {"InputDataConfig": [channel("a", "s3://b/x/") | {"RecordWrapperType": "RecordIO"}]},
                "Invalid record wrapper type for channel a: File mode only supports NONE",
            ),
            (
                {
                    "InputDataConfig": [
                        channel("a", "s3://b/x/") | {"CompressionType": "Gzip", "InputMode": "FastFile"}
                    ]
                },
                "FastFile mode only supports NONE, got Gzip",
            ),
            (
                {"InputDataConfig": [_also_a_file_system(channel("a", "s3://b/x/"))]},
                "reads S3DataSource only",
            ),
            (
                {"ResourceConfig": RESOURCES | {"SelectedInstanceType": "ml.p4d.24xlarge"}},
                "SelectedInstanceType is read-only",
            ),
            (
                {"ResourceConfig": RESOURCES | {"SelectedInstanceCount": 2}},
                "SelectedInstanceCount is read-only",
            ),
            (
                {"ResourceConfig": RESOURCES | {"TrainingPlanArn": PLAN}},
                "knows no training plans",
            ),
            (
                {"StoppingCondition": {"MaxRuntimeInSeconds": 10, "MaxWaitTimeInSeconds": 20}},
                "It is only supported when EnableManagedSpotTraining is set to true",
            ),
            (
                {
                    "ResourceConfig": RESOURCES | {"KeepAlivePeriodInSeconds": 60},
                    "EnableManagedSpotTraining": True,
                    "StoppingCondition": {"MaxRuntimeInSeconds": 10, "MaxWaitTimeInSeconds": 20},
                },
                "Warm pools .* cannot be used with spot instances",
            ),
            (
                {
                    "ResourceConfig": {
                        "InstanceGroups": [
                            {"InstanceType": "ml.m5.large", "InstanceCount": 1, "InstanceGroupName": "g"}
                        ],
                        "VolumeSizeInGB": 1,
                        "KeepAlivePeriodInSeconds": 60,
                    }
                },
                "Warm pools .* cannot be used with heterogeneous cluster training",
            ),
            (
                {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 9, "VolumeSizeInGB": 1}},
                "account-level service limit 'ml.m5.large for training job usage' is 4 Instances",
            ),
        ],
    )
    def test_a_request_that_cannot_be_carried_out(self, sm: Any, members: dict[str, Any], text: str) -> None:
        with pytest.raises(ClientError, match=text):
            sm.create_training_job(**training_request("refused", **members))
        assert sm.list_training_jobs()["TrainingJobSummaries"] == []

    def test_an_image_of_a_private_registry_needs_a_vpc(self, plane: Harness) -> None:
        """ "You must also configure your training job to connect to the same VPC" (private Docker registry)."""
        private = "registry.example.com/team/toy:1"
        plane.backend.images[private] = succeed
        algorithm = {"TrainingImage": private, "TrainingInputMode": "File"}
        reached = algorithm | {"TrainingImageConfig": {"TrainingRepositoryAccessMode": "Vpc"}}
        vpc = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
        for members, text in (
            (
                {"AlgorithmSpecification": algorithm},
                "TrainingRepositoryAccessMode set to VPC must be provided",
            ),
            ({"AlgorithmSpecification": reached}, "needs the VpcConfig"),
        ):
            with pytest.raises(ClientError, match=rf"\(ValidationException\).*{text}"):
                plane.sm.create_training_job(**training_request("refused", **members))
        request = training_request("taken", AlgorithmSpecification=reached, VpcConfig=vpc)
        plane.sm.create_training_job(**request)

    def test_an_mlflow_server_is_kept_and_described(self, sm: Any) -> None:
        """By an ARN of the form that AWS takes; there is no server here that could be looked for."""
        arn = "arn:aws:sagemaker:us-east-1:000000000000:mlflow-tracking-server/all"
        told = {"MlflowResourceArn": arn, "MlflowExperimentName": "digits", "MlflowRunName": "one"}
        sm.create_training_job(**training_request("told", MlflowConfig=told))
        assert sm.describe_training_job(TrainingJobName="told")["MlflowConfig"] == told
        for wrong in ({"MlflowResourceArn": "arn:aws:s3:::x"}, told | {"MlflowRunName": "x" * 257}):
            with pytest.raises(ClientError, match="ValidationException"):
                sm.create_training_job(**training_request("wrong", MlflowConfig=wrong))
