"""Training jobs of several hosts, and many jobs at once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sagemaker_local.runtime.backend import ProgramSpec
from tests import patience
from tests.plane.support.harness import (
    BUCKET,
    IMAGE,
    Harness,
    channel,
    training_request,
)
from tests.plane.training.descriptions import members


def test_fifty_jobs_at_once_run_two_at_a_time_in_turn_and_all_end(plane: Harness) -> None:
    order: list[str] = []
    running, most, both_run = 0, 0, asyncio.Event()

    async def count(spec: ProgramSpec, terminated: asyncio.Event) -> int:
        nonlocal running, most
        order.append(spec.name.partition("/")[0])
        running += 1
        most = max(most, running)
        if running == 2:
            both_run.set()
        async with asyncio.timeout(patience.SECONDS):
            await both_run.wait()
        await asyncio.sleep(0.01)  # for a third, which must not come
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
