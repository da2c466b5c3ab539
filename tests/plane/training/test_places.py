"""What a job's own words may do to its folders: names of channels, keys of objects, links in the model."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.support.fakes import FakeBackend
from tests.plane.support.harness import BUCKET, IMAGE, Harness, channel, training_request
from tests.plane.training.descriptions import members

PIPE = {"TrainingImage": IMAGE, "TrainingInputMode": "Pipe"}


@pytest.mark.parametrize("name", ["..", ".", "..."])
def test_a_channel_that_names_no_folder_is_refused(sm: Any, name: str) -> None:
    with pytest.raises(ClientError, match="names no folder"):
        sm.create_training_job(**training_request("x", InputDataConfig=[channel(name, f"s3://{BUCKET}/x/")]))


def test_a_channel_that_is_the_pipe_of_another_is_refused(sm: Any) -> None:
    channels = [channel("a", f"s3://{BUCKET}/x/"), channel("a_0", f"s3://{BUCKET}/x/")]
    with pytest.raises(ClientError, match="is a pipe of channel 'a'"):
        sm.create_training_job(**training_request("x", AlgorithmSpecification=PIPE, InputDataConfig=channels))


@pytest.mark.parametrize("path", ["/opt/ml/input/config", "/opt/ml/model", "/opt/ml/output/data"])
def test_checkpoints_do_not_lie_where_sagemaker_writes(sm: Any, path: str) -> None:
    config = {"S3Uri": f"s3://{BUCKET}/checkpoints", "LocalPath": path}
    with pytest.raises(ClientError, match="SageMaker itself fills or reads"):
        sm.create_training_job(**training_request("x", CheckpointConfig=config))


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("//x/a.csv", "has an illegal char sub-sequence '//' in it"),
        ("/x//a.csv", "has an illegal char sub-sequence '//' in it"),
        ("/./a.csv", "has an illegal char sub-sequence '/./' in it"),
        ("/" + "x" * 300, "a file name is too long"),
        ("/" + "é" * 200, "a file name is too long"),
        ("/a/b", "one name stands for both a file and a folder"),
    ],
)
def test_a_key_that_can_be_no_file_fails_the_job_in_words_of_the_caller(
    plane: Harness, s3: Any, key: str, words: str
) -> None:
    prefix = f"keys-{abs(hash(key))}"
    s3.put_object(Bucket=BUCKET, Key=f"{prefix}/a", Body=b"1")
    s3.put_object(Bucket=BUCKET, Key=prefix + key, Body=b"1")
    data = [channel("train", f"s3://{BUCKET}/{prefix}")]
    plane.sm.create_training_job(**training_request("odd", InputDataConfig=data))
    job = plane.job("odd")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Data download failed:")
    assert words in job["FailureReason"]
    assert_no_inside(plane, job["FailureReason"])


def assert_no_inside(plane: Harness, reason: str) -> None:
    """Neither paths of this machine nor botocore's and Python's own words."""
    for word in (str(plane.settings.data_dir), "Errno", "An error occurred", "operation:", "Traceback"):
        assert word not in reason


def test_a_missing_bucket_is_told_in_s3s_words(plane: Harness) -> None:
    data = [channel("train", "s3://no-such-bucket-here/m.json", S3DataType="ManifestFile")]
    plane.sm.create_training_job(**training_request("lost", InputDataConfig=data))
    reason = plane.job("lost")["FailureReason"]
    assert "NoSuchBucket (404): " in reason
    assert_no_inside(plane, reason)


def test_an_upload_that_fails_names_no_file_of_this_machine(plane: Harness, s3: Any) -> None:
    request = training_request("unkept", OutputDataConfig={"S3OutputPath": "s3://no-such-bucket-here/x"})
    plane.sm.create_training_job(**request)
    reason = plane.job("unkept")["FailureReason"]
    assert reason.startswith("ClientError: Artifact upload failed:NoSuchBucket (404)")
    assert_no_inside(plane, reason)


def leave(plane: Harness, backend: FakeBackend, name: str, links: dict[str, str], **members: Any) -> Any:
    """A job whose model folder has checkpoint-10/weights, and these links below /opt/ml."""

    async def train(spec: ProgramSpec, _: asyncio.Event) -> int:
        model = spec.opt_ml / "model"
        (model / "checkpoint-10").mkdir()
        (model / "checkpoint-10" / "weights").write_text("10")
        for path, target in links.items():
            if (spec.opt_ml / path).is_dir():
                (spec.opt_ml / path).rename(spec.opt_ml / "moved")
            (spec.opt_ml / path).symlink_to(target)
        return 0

    backend.images[IMAGE] = train
    plane.sm.create_training_job(**training_request(name, **members))
    return plane.job(name)


def test_links_within_the_model_are_kept_as_what_they_lead_to(
    plane: Harness, backend: FakeBackend, s3: Any
) -> None:
    links = {
        "model/latest": "checkpoint-10",
        "model/best": "/opt/ml/model/checkpoint-10/weights",
        "model/gone": "/tmp/cache/blob",  # noqa: S108 - of the container
        "model/round": ".",
    }
    job = leave(plane, backend, "linked", links)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    found = members(s3, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert found == dict.fromkeys(("checkpoint-10/weights", "latest/weights", "best"), b"10")


def test_an_uncompressed_model_follows_its_links_too(plane: Harness, backend: FakeBackend, s3: Any) -> None:
    output = {"S3OutputPath": f"s3://{BUCKET}/models", "CompressionType": "NONE"}
    job = leave(plane, backend, "loose", {"model/latest": "checkpoint-10"}, OutputDataConfig=output)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    prefix = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{BUCKET}/")
    keys = [
        each["Key"].removeprefix(prefix)
        for each in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    ]
    assert keys == ["checkpoint-10/weights", "latest/weights"]


def test_a_model_folder_that_leads_elsewhere_in_opt_ml_is_followed(
    plane: Harness, backend: FakeBackend, s3: Any
) -> None:
    job = leave(plane, backend, "moved", {"model": "/opt/ml/moved"})
    assert members(s3, job["ModelArtifacts"]["S3ModelArtifacts"]) == {"checkpoint-10/weights": b"10"}


@pytest.mark.parametrize("target", ["/tmp/mm", "/etc", "../../.."])  # noqa: S108 - of the container
def test_a_model_folder_that_leads_out_fails_the_job_with_the_reason(
    plane: Harness, backend: FakeBackend, target: str
) -> None:
    reason = leave(plane, backend, "left", {"model": target})["FailureReason"]
    assert "/opt/ml/model leads out of /opt/ml" in reason
    assert_no_inside(plane, reason)


def test_no_failure_text_is_read_through_a_link_out(
    plane: Harness, backend: FakeBackend, tmp_path: Path
) -> None:
    (tmp_path / "failure").write_text("of the host")

    async def train(spec: ProgramSpec, _: asyncio.Event) -> int:
        (spec.opt_ml / "output").rename(spec.opt_ml / "moved")
        (spec.opt_ml / "output").symlink_to(tmp_path)
        return 1

    backend.images[IMAGE] = train
    plane.sm.create_training_job(**training_request("peeks"))
    assert "of the host" not in plane.job("peeks")["FailureReason"]
