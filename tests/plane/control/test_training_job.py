"""Training jobs over boto3: what runs, what it finds, what it leaves, and how it ends."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.control.harness import (
    BUCKET,
    IMAGE,
    Harness,
    channel,
    client,
    eventually,
    training_request,
)


def statuses(job: dict[str, Any]) -> list[str]:
    return [each["Status"] for each in job["SecondaryStatusTransitions"]]


def members(s3: Any, uri: str) -> dict[str, bytes]:
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    with tarfile.open(
        fileobj=io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()), mode="r:gz"
    ) as tar:
        return {each.name: tar.extractfile(each).read() for each in tar if each.isfile()}  # type: ignore[union-attr]


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


class TestAJobThatFails:
    def test_says_what_the_failure_file_says(self, plane: Harness, s3: Any) -> None:
        async def fail(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            (spec.opt_ml / "output" / "failure").write_text("no such column " + "x" * 2000)
            (spec.opt_ml / "output" / "data" / "report.txt").write_text("why")
            return 3

        plane.backend.images[IMAGE] = fail
        plane.sm.create_training_job(**training_request("fails"))
        job = plane.job("fails")
        assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
        assert job["FailureReason"].startswith("AlgorithmError: no such column xx")
        assert len(job["FailureReason"]) <= 1024
        assert members(s3, f"s3://{BUCKET}/models/fails/output/output.tar.gz") == {"report.txt": b"why"}

    def test_says_the_exit_code_alone_without_a_failure_file(self, plane: Harness) -> None:
        async def fail(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            return 1

        plane.backend.images[IMAGE] = fail
        plane.sm.create_training_job(**training_request("fails-silently"))
        assert plane.job("fails-silently")["FailureReason"] == "AlgorithmError: , exit code: 1"

    def test_is_a_client_error_where_the_prefix_is_empty(self, plane: Harness) -> None:
        inputs = [channel("train", f"s3://{BUCKET}/nothing/here/")]
        plane.sm.create_training_job(**training_request("no-data", InputDataConfig=inputs))
        job = plane.job("no-data")
        assert job["FailureReason"].startswith("ClientError: Data download failed")
        assert f"s3://{BUCKET}/nothing/here/" in job["FailureReason"]
        assert statuses(job)[-2:] == ["Downloading", "Failed"]

    def test_is_a_client_error_where_the_bucket_is_missing(self, plane: Harness) -> None:
        inputs = [channel("train", "s3://no-such-bucket-at-all/x/")]
        plane.sm.create_training_job(**training_request("no-bucket", InputDataConfig=inputs))
        assert plane.job("no-bucket")["FailureReason"].startswith("ClientError: Data download failed")

    def test_is_a_client_error_where_the_output_cannot_be_written(self, plane: Harness) -> None:
        output = {"S3OutputPath": "s3://no-such-bucket-at-all/x"}
        plane.sm.create_training_job(**training_request("no-output", OutputDataConfig=output))
        assert plane.job("no-output")["FailureReason"].startswith("ClientError: Artifact upload failed")

    def test_never_lets_a_key_out_of_its_channel(self, plane: Harness, s3: Any) -> None:
        s3.put_object(Bucket=BUCKET, Key="hostile/../../../../escaped", Body=b"!")
        inputs = [channel("train", f"s3://{BUCKET}/hostile/")]
        plane.sm.create_training_job(**training_request("escapes", InputDataConfig=inputs))
        job = plane.job("escapes")
        assert "leaves the folder of its channel" in job["FailureReason"]
        eventually(lambda: not list((plane.settings.data_dir / "jobs").glob("*")))
        assert not list(plane.settings.data_dir.rglob("escaped"))


class TestAJobThatIsStopped:
    def test_keeps_what_it_wrote_until_then(self, plane: Harness, s3: Any) -> None:
        async def until_term(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            await terminated.wait()
            (spec.opt_ml / "model" / "half.bin").write_bytes(b"half")
            return 0

        plane.backend.images[IMAGE] = until_term
        plane.sm.create_training_job(**training_request("stopped"))
        eventually(lambda: plane.backend.specs)
        plane.sm.stop_training_job(TrainingJobName="stopped")
        assert plane.sm.describe_training_job(TrainingJobName="stopped")["TrainingJobStatus"] in (
            "Stopping",
            "Stopped",
        )
        job = plane.job("stopped")
        assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
        assert members(s3, job["ModelArtifacts"]["S3ModelArtifacts"]) == {"half.bin": b"half"}
        with pytest.raises(ClientError, match="the training job is in status Stopped"):
            plane.sm.stop_training_job(TrainingJobName="stopped")

    def test_is_killed_when_it_does_not_listen(self, plane: Harness) -> None:
        async def deaf(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            await asyncio.Event().wait()
            return 0

        plane.backend.images[IMAGE] = deaf
        plane.sm.create_training_job(**training_request("deaf"))
        eventually(lambda: plane.backend.specs)
        plane.sm.stop_training_job(TrainingJobName="deaf")
        assert plane.job("deaf")["TrainingJobStatus"] == "Stopped"

    def test_is_stopped_not_failed_when_its_time_is_over(self, plane: Harness) -> None:
        async def slow(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            (spec.opt_ml / "model" / "model.json").write_text("{}")
            await terminated.wait()
            return 1

        plane.backend.images[IMAGE] = slow
        limit = {"MaxRuntimeInSeconds": 1}
        plane.sm.create_training_job(**training_request("slow", StoppingCondition=limit))
        job = plane.job("slow")
        assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
        assert statuses(job)[-2:] == ["Stopping", "MaxRuntimeExceeded"]
        assert job["ModelArtifacts"]["S3ModelArtifacts"].endswith("/slow/output/model.tar.gz")
        assert "FailureReason" not in job

    def test_waits_for_a_place_and_can_be_stopped_while_it_waits(self, plane: Harness) -> None:
        release = asyncio.Event()

        async def until_released(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            while not (release.is_set() or terminated.is_set()):
                await asyncio.sleep(0.01)
            return 0

        plane.backend.images[IMAGE] = until_released
        for name in ("first", "second", "third", "fourth"):
            plane.sm.create_training_job(**training_request(name))
        eventually(lambda: len(plane.backend.specs) == 2)

        def third() -> dict[str, Any]:
            return dict(plane.sm.describe_training_job(TrainingJobName="third"))

        eventually(third, lambda job: job["SecondaryStatus"] == "Pending")
        plane.sm.stop_training_job(TrainingJobName="third")
        waiting = plane.job("third")
        assert waiting["TrainingJobStatus"] == "Stopped"
        assert "TrainingStartTime" not in waiting
        assert len(plane.backend.specs) == 2
        release.set()
        for name in ("first", "second", "fourth"):
            assert plane.job(name)["TrainingJobStatus"] == "Completed"

    def test_that_waits_longer_than_spot_allows_is_stopped(self, plane: Harness) -> None:
        async def until_term(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            await terminated.wait()
            return 0

        plane.backend.images[IMAGE] = until_term
        for name in ("first", "second"):
            plane.sm.create_training_job(**training_request(name))
        eventually(lambda: len(plane.backend.specs) == 2)
        limits = {"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1}
        spot = training_request("spot", EnableManagedSpotTraining=True, StoppingCondition=limits)
        plane.sm.create_training_job(**spot)
        job = plane.job("spot")
        assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")


def test_fifty_jobs_at_once_run_two_at_a_time_in_turn_and_all_end(plane: Harness) -> None:
    order: list[str] = []
    running, most = 0, 0

    async def count(spec: ProgramSpec, terminated: asyncio.Event) -> int:
        nonlocal running, most
        order.append(spec.name.partition("/")[0])
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return 0

    plane.backend.images[IMAGE] = count
    names = [f"queued-{number:02d}" for number in range(50)]
    for name in names:
        plane.sm.create_training_job(**training_request(name))
    ends = {plane.job(name)["TrainingJobStatus"] for name in names}
    assert ends == {"Completed"}
    assert most == plane.settings.training_jobs_at_once == 2
    assert sorted(order) == names
    assert max(abs(order.index(name) - place) for place, name in enumerate(names)) <= 1


class TestDistribution:
    def test_every_host_has_its_own_folder_and_all_models_become_one(self, plane: Harness, s3: Any) -> None:
        async def write(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            config = json.loads((spec.opt_ml / "input/config/resourceconfig.json").read_text())
            assert config["hosts"] == ["algo-1", "algo-2"]
            shard = sorted(each.name for each in (spec.opt_ml / "input/data/train").iterdir())
            (spec.opt_ml / "model" / config["current_host"]).write_text(",".join(shard))
            return 0

        for name in "abc":
            s3.put_object(Bucket=BUCKET, Key=f"sharded/{name}", Body=b"x")
        plane.backend.images[IMAGE] = write
        inputs = [channel("train", f"s3://{BUCKET}/sharded/", S3DataDistributionType="ShardedByS3Key")]
        resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
        request = training_request("two-hosts", InputDataConfig=inputs, ResourceConfig=resources)
        plane.sm.create_training_job(**request)
        job = plane.job("two-hosts")
        assert job["TrainingJobStatus"] == "Completed", job
        assert members(s3, job["ModelArtifacts"]["S3ModelArtifacts"]) == {"algo-1": b"a,c", "algo-2": b"b"}

    def test_one_failing_host_fails_the_job(self, plane: Harness) -> None:
        async def second_fails(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            if spec.name.endswith("algo-2"):
                return 9
            await terminated.wait()
            return 0

        plane.backend.images[IMAGE] = second_fails
        resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
        plane.sm.create_training_job(**training_request("one-fails", ResourceConfig=resources))
        assert plane.job("one-fails")["FailureReason"] == "AlgorithmError: , exit code: 9"

    def test_hosts_come_in_groups_and_channels_go_to_groups(self, plane: Harness, s3: Any) -> None:
        seen: dict[str, Any] = {}

        async def look(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            config = json.loads((spec.opt_ml / "input/config/resourceconfig.json").read_text())
            channels = json.loads((spec.opt_ml / "input/config/inputdataconfig.json").read_text())
            files = sorted(each.name for each in (spec.opt_ml / "input/data").rglob("*") if each.is_file())
            seen[config["current_host"]] = (config["current_group_name"], sorted(channels), files)
            seen["groups"] = [
                (each["instance_group_name"], each["hosts"]) for each in config["instance_groups"]
            ]
            return 0

        for name in "ab":
            s3.put_object(Bucket=BUCKET, Key=f"grouped/{name}", Body=b"x")
        plane.backend.images[IMAGE] = look
        groups = [
            {"InstanceGroupName": "readers", "InstanceType": "ml.c5.xlarge", "InstanceCount": 2},
            {"InstanceGroupName": "trainer", "InstanceType": "ml.p3.2xlarge", "InstanceCount": 1},
        ]
        sharded = {"S3DataDistributionType": "ShardedByS3Key", "InstanceGroupNames": ["readers"]}
        inputs = [
            channel("raw", f"s3://{BUCKET}/grouped/", **sharded),
            channel("all", f"s3://{BUCKET}/grouped/a"),
        ]
        resources = {"InstanceGroups": groups, "VolumeSizeInGB": 1}
        plane.sm.create_training_job(
            **training_request("groups", ResourceConfig=resources, InputDataConfig=inputs)
        )
        job = plane.job("groups")
        assert job["TrainingJobStatus"] == "Completed", job
        assert seen == {
            "groups": [("readers", ["algo-1", "algo-2"]), ("trainer", ["algo-3"])],
            "algo-1": ("readers", ["all", "raw"], ["a", "a"]),
            "algo-2": ("readers", ["all", "raw"], ["a", "b"]),
            "algo-3": ("trainer", ["all"], ["a"]),
        }

    def test_checkpoints_come_back_in_the_next_job(self, plane: Harness) -> None:
        async def count(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            file = spec.opt_ml / "checkpoints" / "epochs"
            epochs = int(file.read_text()) if file.exists() else 0
            file.write_text(str(epochs + 1))
            (spec.opt_ml / "model" / "epochs").write_text(str(epochs + 1))
            spec.log(f"epochs={epochs + 1}")
            return 0

        plane.backend.images[IMAGE] = count
        algorithm = {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "epochs", "Regex": "epochs=([0-9]+)"}],
        }
        kept = {"S3Uri": f"s3://{BUCKET}/kept-checkpoints"}
        for number, name in enumerate(("check-one", "check-two"), 1):
            more = {"AlgorithmSpecification": algorithm, "CheckpointConfig": kept}
            plane.sm.create_training_job(**training_request(name, **more))
            assert plane.job(name)["FinalMetricDataList"][0]["Value"] == number


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
                {"ResourceConfig": {"InstanceCount": 1, "VolumeSizeInGB": 1}},
                "needs InstanceType and InstanceCount",
            ),
            (
                {"InputDataConfig": [channel("a", "s3://b/x/"), channel("a", "s3://b/y/")]},
                "Channel names must be unique",
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
