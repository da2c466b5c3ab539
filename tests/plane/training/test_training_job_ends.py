"""How training jobs fail and are stopped: the reasons, and what is kept."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.support.harness import (
    BUCKET,
    IMAGE,
    Harness,
    channel,
    eventually,
    training_request,
)
from tests.plane.training.descriptions import members, statuses


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

    def test_is_a_client_error_where_what_a_manifest_names_is_missing(self, plane: Harness, s3: Any) -> None:
        s3.put_object(Bucket=BUCKET, Key="m.json", Body=json.dumps([{"prefix": f"s3://{BUCKET}/no/"}, "a"]))
        inputs = [channel("train", f"s3://{BUCKET}/m.json", S3DataType="ManifestFile")]
        plane.sm.create_training_job(**training_request("no-data", InputDataConfig=inputs))
        job = plane.job("no-data")
        assert job["FailureReason"].startswith("ClientError: Data download failed")
        assert statuses(job)[-2:] == ["Downloading", "Failed"]

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
