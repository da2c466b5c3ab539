"""Training jobs over boto3: what runs, what it finds, what it leaves."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.support.harness import (
    BUCKET,
    IMAGE,
    Harness,
    channel,
    client,
    eventually,
    training_request,
)
from tests.plane.training.descriptions import members, statuses


class TestAJobThatSucceeds:
    def test_goes_through_all_statuses_and_keeps_its_model(self, plane: Harness, s3: Any) -> None:
        plane.sm.create_training_job(**training_request("good"))
        job = plane.job("good")
        assert job["TrainingJobStatus"] == "Completed"
        assert statuses(job) == ["Starting", "Pending", "Downloading", "Training", "Uploading", "Completed"]
        uri = job["ModelArtifacts"]["S3ModelArtifacts"]
        assert uri == f"s3://{BUCKET}/models/good/output/model.tar.gz"
        assert members(s3, uri) == {"model.json": b"{}"}
        assert job["TrainingEndTime"] >= job["TrainingStartTime"] >= job["CreationTime"]
        assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] >= 1
        ends = [each["EndTime"] for each in job["SecondaryStatusTransitions"]]
        starts = [each["StartTime"] for each in job["SecondaryStatusTransitions"]]
        assert ends[:-1] == starts[1:]

    def test_finds_the_files_and_the_environment_of_the_contract(self, plane: Harness, s3: Any) -> None:
        s3.put_object(Bucket=BUCKET, Key="found/train/a.csv", Body=b"1,2\n")
        s3.put_object(Bucket=BUCKET, Key="found/train/deep/b.csv", Body=b"3,4\n")
        seen: dict[str, Any] = {}

        async def look(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            for name in ("hyperparameters", "inputdataconfig", "resourceconfig"):
                seen[name] = json.loads((spec.opt_ml / "input/config" / f"{name}.json").read_text())
            data = spec.opt_ml / "input/data/train"
            seen["data"] = {str(each.relative_to(data)): each.read_text() for each in data.rglob("*.csv")}
            seen["environment"] = dict(spec.environment)
            seen["command"] = (spec.command, spec.arguments, spec.entrypoint)
            return 0

        plane.backend.images[IMAGE] = look
        inputs = [channel("train", f"s3://{BUCKET}/found/train/") | {"ContentType": "text/csv"}]
        more = {
            "HyperParameters": {"eta": "0.2"},
            "Environment": {"COLOUR": "red"},
            "InputDataConfig": inputs,
        }
        plane.sm.create_training_job(**training_request("looks", **more))
        job = plane.job("looks")
        assert job["TrainingJobStatus"] == "Completed", job
        assert seen["hyperparameters"] == {"eta": "0.2"}
        assert seen["inputdataconfig"] == {
            "train": {
                "ContentType": "text/csv",
                "TrainingInputMode": "File",
                "S3DistributionType": "FullyReplicated",
                "RecordWrapperType": "None",
            }
        }
        group = {
            "instance_group_name": "homogeneousCluster",
            "instance_type": "ml.m5.large",
            "hosts": ["algo-1"],
        }
        assert seen["resourceconfig"].pop("network_interface_name") in ("eth0", "lo")
        assert seen["resourceconfig"] == {
            "current_host": "algo-1",
            "current_instance_type": "ml.m5.large",
            "current_group_name": "homogeneousCluster",
            "hosts": ["algo-1"],
            "instance_groups": [group],
            "topology": None,
        }
        assert seen["data"] == {"a.csv": "1,2\n", "deep/b.csv": "3,4\n"}
        assert seen["environment"]["TRAINING_JOB_NAME"] == "looks"
        assert seen["environment"]["TRAINING_JOB_ARN"] == job["TrainingJobArn"]
        assert seen["environment"]["COLOUR"] == "red"
        assert seen["environment"]["AWS_REGION"] == "us-east-1"
        assert seen["environment"]["AWS_ENDPOINT_URL"] == plane.settings.store_url
        assert seen["command"] == ("train", (), ())

    def test_runs_the_entrypoint_of_the_request(self, plane: Harness) -> None:
        algorithm = {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["/bin/bash"],
            "ContainerArguments": ["-c", "true"],
        }
        plane.sm.create_training_job(**training_request("entry", AlgorithmSpecification=algorithm))
        plane.job("entry")
        assert plane.backend.specs[-1].entrypoint == ("/bin/bash",)
        assert plane.backend.specs[-1].arguments == ("-c", "true")

    def test_leaves_the_same_bytes_for_the_same_model(self, plane: Harness, s3: Any) -> None:
        def etag(name: str) -> str:
            plane.sm.create_training_job(**training_request(name))
            plane.job(name)
            return str(s3.head_object(Bucket=BUCKET, Key=f"models/{name}/output/model.tar.gz")["ETag"])

        assert etag("same-one") == etag("same-two")

    def test_reports_metrics_and_log_lines(self, plane: Harness, aws_url: str) -> None:
        async def talk(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            for loss in (0.9, 0.5, 0.25):
                spec.log(f"epoch done\tvalidation-loss:{loss}")
            spec.log("validation-loss:not-a-number")
            return 0

        plane.backend.images[IMAGE] = talk
        definitions = [{"Name": "validation:loss", "Regex": r"#011validation-loss:(\S+)"}]
        algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File", "MetricDefinitions": definitions}
        plane.sm.create_training_job(**training_request("talks", AlgorithmSpecification=algorithm))
        job = plane.job("talks")
        final = [(each["MetricName"], each["Value"]) for each in job["FinalMetricDataList"]]
        assert final == [("validation:loss", 0.25)]

        logs = client("logs", aws_url)
        group = "/aws/sagemaker/TrainingJobs"

        def lines() -> list[str]:
            try:
                found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="talks/algo-1-")
            except logs.exceptions.ResourceNotFoundException:
                return []
            names = [each["logStreamName"] for each in found["logStreams"]]
            events = [logs.get_log_events(logGroupName=group, logStreamName=name)["events"] for name in names]
            return [event["message"] for stream in events for event in stream]

        assert eventually(lines, lambda seen: len(seen) == 4)[0] == "epoch done\tvalidation-loss:0.9"

        watch = client("cloudwatch", aws_url)

        def values() -> float:
            found = watch.get_metric_statistics(
                Namespace=group,
                MetricName="validation:loss",
                Dimensions=[{"Name": "TrainingJobName", "Value": "talks"}],
                StartTime=job["CreationTime"].timestamp() - 60,
                EndTime=job["CreationTime"].timestamp() + 600,
                Period=3600,
                Statistics=["SampleCount"],
            )
            return sum(each["SampleCount"] for each in found["Datapoints"])

        eventually(values, lambda seen: seen == 3)


def test_the_name_of_a_deleted_job_can_be_used_again(plane: Harness) -> None:
    async def until_term(spec: ProgramSpec, terminated: asyncio.Event) -> int:
        await terminated.wait()
        return 0

    plane.backend.images[IMAGE] = until_term
    plane.sm.create_training_job(**training_request("again"))
    with pytest.raises(plane.sm.exceptions.ResourceInUse, match="is in status InProgress"):
        plane.sm.delete_training_job(TrainingJobName="again")
    plane.sm.stop_training_job(TrainingJobName="again")
    plane.job("again")
    plane.sm.delete_training_job(TrainingJobName="again")
    with pytest.raises(plane.sm.exceptions.ResourceNotFound):
        plane.sm.delete_training_job(TrainingJobName="again")
    plane.sm.create_training_job(**training_request("again"))
