"""How data comes to a training job and how its checkpoints and uncompressed models leave it."""

from __future__ import annotations

import asyncio
import gzip
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.support.harness import BUCKET, IMAGE, Harness, channel, eventually, training_request

PIPE = {"TrainingImage": IMAGE, "TrainingInputMode": "Pipe"}


def behave(plane: Harness, program: Callable[[Path], None]) -> None:
    """The image's program is this blocking function of its /opt/ml."""

    async def run(spec: ProgramSpec, terminated: asyncio.Event) -> int:
        await asyncio.to_thread(program, spec.opt_ml)
        return 0

    plane.backend.images[IMAGE] = run


def train(plane: Harness, name: str, **members: Any) -> dict[str, Any]:
    plane.sm.create_training_job(**training_request(name, **members))
    return plane.job(name)


def records(data: bytes) -> list[bytes]:
    """What RecordIO records hold."""
    found = []
    while data:
        magic, length = struct.unpack("<II", data[:8])
        assert magic == 0xCED7230A
        found.append(data[8 : 8 + length])
        data = data[8 + (length + 3) // 4 * 4 :]
    return found


class TestPipeMode:
    def test_brings_all_objects_one_after_the_other_in_every_epoch(self, plane: Harness, s3: Any) -> None:
        for name in "ab":
            s3.put_object(Bucket=BUCKET, Key=f"piped/{name}", Body=name.encode() * 300_000)
        seen: list[bytes] = []

        def read(opt_ml: Path) -> None:
            seen.extend((opt_ml / f"input/data/train_{epoch}").read_bytes() for epoch in range(3))

        behave(plane, read)
        job = train(
            plane,
            "pipes",
            AlgorithmSpecification=PIPE,
            InputDataConfig=[channel("train", f"s3://{BUCKET}/piped/")],
        )
        assert job["TrainingJobStatus"] == "Completed", job
        assert seen == [b"a" * 300_000 + b"b" * 300_000] * 3
        assert "Downloading" not in [each["Status"] for each in job["SecondaryStatusTransitions"]]

    def test_may_be_of_one_channel_only(self, plane: Harness, s3: Any) -> None:
        s3.put_object(Bucket=BUCKET, Key="mixed/x", Body=b"x")
        seen: dict[str, Any] = {}

        def read(opt_ml: Path) -> None:
            seen["train"] = (opt_ml / "input/data/train_0").read_bytes()
            seen["test"] = (opt_ml / "input/data/test/x").read_bytes()
            config = json.loads((opt_ml / "input/config/inputdataconfig.json").read_text())
            seen["modes"] = [config[name]["TrainingInputMode"] for name in ("train", "test")]

        behave(plane, read)
        train_ = channel("train", f"s3://{BUCKET}/mixed/") | {"InputMode": "Pipe"}
        inputs = [train_, channel("test", f"s3://{BUCKET}/mixed/")]
        job = train(plane, "mixed", InputDataConfig=inputs)
        assert job["TrainingJobStatus"] == "Completed", job
        assert seen == {"train": b"x", "test": b"x", "modes": ["Pipe", "File"]}

    def test_wraps_records_unpacks_gzip_and_shuffles(self, plane: Harness, s3: Any) -> None:
        for number in range(9):
            body = gzip.compress(b"row" * number)
            s3.put_object(Bucket=BUCKET, Key=f"wrapped/{number}", Body=body)
        epochs: list[list[bytes]] = []

        def read(opt_ml: Path) -> None:
            epochs.extend(records((opt_ml / f"input/data/train_{epoch}").read_bytes()) for epoch in range(2))

        behave(plane, read)
        wrapped = channel("train", f"s3://{BUCKET}/wrapped/") | {
            "RecordWrapperType": "RecordIO",
            "CompressionType": "Gzip",
            "ShuffleConfig": {"Seed": 1},
        }
        job = train(plane, "wrapped", AlgorithmSpecification=PIPE, InputDataConfig=[wrapped])
        assert job["TrainingJobStatus"] == "Completed", job
        assert sorted(epochs[0]) == sorted(epochs[1]) == sorted(b"row" * number for number in range(9))
        assert epochs[0] != epochs[1]

    def test_reads_augmented_manifests_attribute_by_attribute(self, plane: Harness, s3: Any) -> None:
        lines = []
        for number in range(2):
            s3.put_object(Bucket=BUCKET, Key=f"pictures/{number}", Body=b"picture %d" % number)
            uri = f"s3://{BUCKET}/pictures/{number}"
            lines.append(json.dumps({"source-ref": uri, "label": {"class": number}, "other": "no"}))
        s3.put_object(Bucket=BUCKET, Key="augmented.jsonl", Body="\n".join(lines).encode())
        seen: list[bytes] = []

        def read(opt_ml: Path) -> None:
            seen.extend(records((opt_ml / "input/data/train_0").read_bytes()))

        behave(plane, read)
        source = {"S3DataType": "AugmentedManifestFile", "AttributeNames": ["source-ref", "label"]}
        augmented = channel("train", f"s3://{BUCKET}/augmented.jsonl", **source)
        inputs = [augmented | {"RecordWrapperType": "RecordIO"}]
        job = train(plane, "augmented", AlgorithmSpecification=PIPE, InputDataConfig=inputs)
        assert job["TrainingJobStatus"] == "Completed", job
        assert seen == [b"picture 0", b'{"class": 0}', b"picture 1", b'{"class": 1}']

    def test_shares_the_objects_between_hosts(self, plane: Harness, s3: Any) -> None:
        for name in "abc":
            s3.put_object(Bucket=BUCKET, Key=f"shared-pipe/{name}", Body=name.encode())
        seen: dict[str, bytes] = {}

        def read(opt_ml: Path) -> None:
            seen[opt_ml.name] = (opt_ml / "input/data/train_0").read_bytes()

        behave(plane, read)
        inputs = [channel("train", f"s3://{BUCKET}/shared-pipe/", S3DataDistributionType="ShardedByS3Key")]
        resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
        train(
            plane,
            "shared-pipe",
            AlgorithmSpecification=PIPE,
            InputDataConfig=inputs,
            ResourceConfig=resources,
        )
        assert seen == {"algo-1": b"ac", "algo-2": b"b"}

    def test_shuffles_across_hosts_where_it_is_sharded(self, plane: Harness, s3: Any) -> None:
        for number in range(8):
            s3.put_object(Bucket=BUCKET, Key=f"across/{number}", Body=str(number).encode())
        epochs: dict[str, list[bytes]] = {}

        def read(opt_ml: Path) -> None:
            pipes = (opt_ml / f"input/data/train_{epoch}" for epoch in range(2))
            epochs[opt_ml.name] = [pipe.read_bytes() for pipe in pipes]

        behave(plane, read)
        sharded = channel("train", f"s3://{BUCKET}/across/", S3DataDistributionType="ShardedByS3Key")
        resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
        job = train(
            plane,
            "across",
            AlgorithmSpecification=PIPE,
            InputDataConfig=[sharded | {"ShuffleConfig": {"Seed": 3}}],
            ResourceConfig=resources,
        )
        assert job["TrainingJobStatus"] == "Completed", job
        for epoch in range(2):
            seen = b"".join(host[epoch] for host in epochs.values())
            assert sorted(seen) == sorted(b"01234567")
        first, second = (set(each) for each in epochs["algo-1"])
        assert first != second

    def test_does_not_hold_up_a_job_that_reads_little_or_nothing(self, plane: Harness, s3: Any) -> None:
        s3.put_object(Bucket=BUCKET, Key="much", Body=b"x" * 3_000_000)

        def read(opt_ml: Path) -> None:
            with (opt_ml / "input/data/some_0").open("rb") as pipe:
                pipe.read(10)

        behave(plane, read)
        inputs = [channel(name, f"s3://{BUCKET}/much") for name in ("some", "none")]
        job = train(plane, "reads-little", AlgorithmSpecification=PIPE, InputDataConfig=inputs)
        assert job["TrainingJobStatus"] == "Completed", job

    def test_says_what_is_wrong_with_the_data(self, plane: Harness, s3: Any) -> None:
        s3.put_object(Bucket=BUCKET, Key="broken.jsonl", Body=b'{"a": "1"}\n{"b": "1"}\n')
        source = {"S3DataType": "AugmentedManifestFile", "AttributeNames": ["a"]}
        inputs = [channel("train", f"s3://{BUCKET}/broken.jsonl", **source)]
        job = train(plane, "broken", AlgorithmSpecification=PIPE, InputDataConfig=inputs)
        assert job["TrainingJobStatus"] == "Failed"
        assert job["FailureReason"].startswith("ClientError: ")
        assert "line 2: not a JSON object" in job["FailureReason"]

    def test_fails_the_job_when_an_object_cannot_be_unpacked(self, plane: Harness, s3: Any) -> None:
        s3.put_object(Bucket=BUCKET, Key="no-gzip", Body=b"plain")
        behave(plane, lambda opt_ml: (opt_ml / "input/data/train_0").read_bytes() and None)
        inputs = [channel("train", f"s3://{BUCKET}/no-gzip") | {"CompressionType": "Gzip"}]
        job = train(plane, "no-gzip", AlgorithmSpecification=PIPE, InputDataConfig=inputs)
        assert job["FailureReason"].startswith("ClientError: Data download failed:")


@pytest.mark.parametrize(
    ("mode", "source", "words"),
    [
        ("File", {"S3DataType": "AugmentedManifestFile", "AttributeNames": ["a"]}, "input mode Pipe"),
        ("Pipe", {"S3DataType": "AugmentedManifestFile"}, "needs AttributeNames"),
        ("FastFile", {"S3DataType": "ManifestFile"}, "S3Prefix only"),
    ],
)
def test_refuses_data_types_that_do_not_go_with_the_mode(
    sm: Any, mode: str, source: dict[str, Any], words: str
) -> None:
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": mode}
    inputs = [channel("train", f"s3://{BUCKET}/x", **source)]
    with pytest.raises(ClientError, match=words):
        sm.create_training_job(
            **training_request("refused", AlgorithmSpecification=algorithm, InputDataConfig=inputs)
        )


class TestFastFile:
    def test_shows_the_objects_as_files(self, plane: Harness, s3: Any) -> None:
        s3.put_object(Bucket=BUCKET, Key="fast/deep/a", Body=b"a")
        seen: list[bytes] = []
        behave(plane, lambda opt_ml: seen.append((opt_ml / "input/data/train/deep/a").read_bytes()))
        algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "FastFile"}
        inputs = [channel("train", f"s3://{BUCKET}/fast/")]
        job = train(plane, "fast", AlgorithmSpecification=algorithm, InputDataConfig=inputs)
        assert job["TrainingJobStatus"] == "Completed", job
        assert seen == [b"a"]


class TestManifests:
    def test_name_the_objects_of_a_channel(self, plane: Harness, s3: Any) -> None:
        for name in ("a", "deep/b", "c"):
            s3.put_object(Bucket=BUCKET, Key=f"listed/{name}", Body=name.encode())
        manifest = [{"prefix": f"s3://{BUCKET}/listed/"}, "a", "deep/b"]
        s3.put_object(Bucket=BUCKET, Key="listed.manifest", Body=json.dumps(manifest).encode())
        seen: dict[str, bytes] = {}

        def read(opt_ml: Path) -> None:
            data = opt_ml / "input/data/train"
            files = [each for each in data.rglob("*") if each.is_file()]
            seen.update({str(each.relative_to(data)): each.read_bytes() for each in files})

        behave(plane, read)
        inputs = [channel("train", f"s3://{BUCKET}/listed.manifest", S3DataType="ManifestFile")]
        assert train(plane, "listed", InputDataConfig=inputs)["TrainingJobStatus"] == "Completed"
        assert seen == {"a": b"a", "deep/b": b"deep/b"}


class TestCheckpoints:
    def keys(self, s3: Any, prefix: str) -> list[str]:
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return [each["Key"].removeprefix(prefix) for each in found]

    def test_reach_s3_while_the_job_trains_and_vanish_with_their_files(self, plane: Harness, s3: Any) -> None:
        s3.put_object(Bucket=BUCKET, Key="ckpt-live/0", Body=b"restored")
        prefix = "ckpt-live/"

        async def write(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            folder = spec.opt_ml / "steps"
            assert (folder / "0").read_bytes() == b"restored"
            (folder / "1").write_text("one")
            await asyncio.to_thread(eventually, lambda: "1" in self.keys(s3, prefix))
            (folder / "0").unlink()
            (folder / "1").rename(folder / "2")
            await asyncio.to_thread(eventually, lambda: self.keys(s3, prefix) == ["2"])
            return 0

        plane.backend.images[IMAGE] = write
        kept = {"S3Uri": f"s3://{BUCKET}/ckpt-live", "LocalPath": "/opt/ml/steps"}
        job = train(plane, "ckpt-live", CheckpointConfig=kept)
        assert job["TrainingJobStatus"] == "Completed", job

    def test_of_a_job_that_failed_are_kept(self, plane: Harness, s3: Any) -> None:
        async def fail(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            (spec.opt_ml / "checkpoints" / "last").write_text("x")
            return 1

        plane.backend.images[IMAGE] = fail
        job = train(plane, "ckpt-fail", CheckpointConfig={"S3Uri": f"s3://{BUCKET}/ckpt-fail/"})
        assert job["TrainingJobStatus"] == "Failed"
        assert self.keys(s3, "ckpt-fail/") == ["last"]

    def test_lie_below_opt_ml(self, sm: Any) -> None:
        config = {"S3Uri": f"s3://{BUCKET}/x", "LocalPath": "/opt/ml/../../etc"}
        with pytest.raises(ClientError, match="must be a folder below /opt/ml"):
            sm.create_training_job(**training_request("outside", CheckpointConfig=config))


def test_an_uncompressed_model_is_a_prefix_of_files(plane: Harness, s3: Any) -> None:
    def write(opt_ml: Path) -> None:
        (opt_ml / "model/deep").mkdir()
        (opt_ml / "model/deep/weights").write_bytes(b"w")
        (opt_ml / "output/data/plot").write_bytes(b"p")

    behave(plane, write)
    output = {"S3OutputPath": f"s3://{BUCKET}/plain", "CompressionType": "NONE"}
    job = train(plane, "plain", OutputDataConfig=output)
    home = f"s3://{BUCKET}/plain/plain/output"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"{home}/model/"
    found = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix="plain/")["Contents"]]
    assert found == ["plain/plain/output/model/deep/weights", "plain/plain/output/output/plot"]


@pytest.mark.parametrize(("hosts", "has_network"), [(1, False), (2, True)])
def test_a_job_in_network_isolation_has_no_network_but_its_own_hosts(
    plane: Harness, hosts: int, *, has_network: bool
) -> None:
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": hosts, "VolumeSizeInGB": 1}
    train(plane, "alone", EnableNetworkIsolation=True, ResourceConfig=resources)
    assert [each.has_network for each in plane.backend.specs] == [has_network] * hosts


def test_a_warm_pool_is_taken(plane: Harness) -> None:
    """Without spot instances: with them SageMaker refuses it."""
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    job = train(plane, "warm", ResourceConfig=resources | {"KeepAlivePeriodInSeconds": 60})
    assert job["TrainingJobStatus"] == "Completed", job


def test_spot_members_are_taken(plane: Harness) -> None:
    job = train(
        plane,
        "spot",
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
        RetryStrategy={"MaximumRetryAttempts": 2},
    )
    assert job["TrainingJobStatus"] == "Completed", job
    assert job["EnableManagedSpotTraining"]
    assert job["BillableTimeInSeconds"] <= job["TrainingTimeInSeconds"]
