"""How transform jobs fail and are stopped, and what is refused."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests import patience
from tests.plane.support.harness import BUCKET, IMAGE, ROLE, eventually
from tests.plane.support.serving import Asked, ServingBackend
from tests.plane.transform.builders import LINES, TOGETHER, Transforms, double
from tests.plane.transform.logs import logged


class TestAJobThatFails:
    def test_leaves_no_output_for_an_object_with_one_bad_record_and_finishes_the_others(
        self, transforms: Transforms, backend: ServingBackend, aws_url: str
    ) -> None:
        def refuse(asked: Asked) -> Any:
            return (400, b"row 2 is bad") if asked.body.startswith(b"bad") else double(asked)

        backend.handlers[IMAGE] = refuse
        transforms.put(a_csv="1\n2\n", b_csv="1\nbad\n3\n", c_csv="3\n")
        job = transforms.run("bad-row", LINES, TOGETHER, BatchStrategy="SingleRecord")
        assert job["TransformJobStatus"] == "Failed"
        assert job["FailureReason"] == "ClientError: See job logs for more information"
        assert set(transforms.outputs()) == {"a.csv.out", "c.csv.out"}
        where = f"[sagemaker logs]: {BUCKET}/{transforms.home}/in/b.csv"
        lines = eventually(
            lambda: logged(aws_url, "bad-row", "/data-log"), lambda seen: f"{where}: row 2 is bad" in seen
        )
        assert f"{where}: ClientError: 400" in lines

    def test_tries_again_when_the_container_fails(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        attempts = 0

        def flaky(asked: Asked) -> Any:
            nonlocal attempts
            if asked.path != "/invocations":
                return 404, b""
            attempts += 1
            return double(asked) if attempts == 2 else (503, b"busy")

        backend.handlers[IMAGE] = flaky
        transforms.put(a_csv="1\n")
        assert transforms.run("flaky", LINES)["TransformJobStatus"] == "Completed"
        attempts = 2
        job = transforms.run("broken", LINES, ModelClientConfig={"InvocationsMaxRetries": 1})
        assert attempts == 4
        assert (job["TransformJobStatus"], job["FailureReason"]) == (
            "Failed",
            "AlgorithmError: See job logs for more information",
        )

    def test_fails_when_the_container_takes_too_long(
        self, transforms: Transforms, backend: ServingBackend, aws_url: str
    ) -> None:
        async def hang(asked: Asked) -> Any:
            if asked.path == "/invocations":
                await asyncio.sleep(3600)
            return 404, b""

        backend.handlers[IMAGE] = hang
        transforms.put(a_csv="1\n")
        config = {"InvocationsTimeoutInSeconds": 1, "InvocationsMaxRetries": 0}
        job = transforms.run("slow", LINES, ModelClientConfig=config)
        assert job["FailureReason"].startswith("AlgorithmError")
        eventually(lambda: [line for line in logged(aws_url, "slow", "/data-log") if "within 1 sec" in line])

    def test_fails_when_a_record_exceeds_the_payload(self, transforms: Transforms) -> None:
        transforms.put(a_csv="1" * (1024 * 1024 + 1), b_csv="1\n")
        job = transforms.run("large", LINES, MaxPayloadInMB=1)
        assert job["FailureReason"].startswith("ClientError")
        assert set(transforms.outputs()) == {"b.csv.out"}

    def test_is_refused_when_there_is_no_input(self, transforms: Transforms) -> None:
        with pytest.raises(ClientError, match=r"\(ValidationException\).*No S3 objects found under S3 URL"):
            transforms.run("nothing")

    def test_fails_when_the_server_does_not_come_up(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        async def crash(spec: Any, terminated: asyncio.Event) -> int:
            return 1

        image = IMAGE.replace("toy", "crash")
        backend.images[image] = crash
        transforms.plane.create_model("crashes", image)
        transforms.put(a_csv="1\n")
        job = transforms.run("crashing", ModelName="crashes")
        assert job["FailureReason"] == "AlgorithmError: See job logs for more information"

    def test_fails_when_its_model_was_deleted(self, transforms: Transforms, s3: Any) -> None:
        place = {"Bucket": BUCKET, "Key": "no/model.tar.gz"}
        s3.put_object(**place)
        container = {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/no/model.tar.gz"}
        role = "arn:aws:iam::000000000000:role/training"
        transforms.plane.sm.create_model(ModelName="gone", ExecutionRoleArn=role, PrimaryContainer=container)
        s3.delete_object(**place)
        transforms.put(a_csv="1\n")
        job = transforms.run("modelless", ModelName="gone")
        assert job["FailureReason"].startswith("ClientError: Failed to download model data")


class TestStopping:
    def test_ends_as_stopped_and_stores_no_output(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        """ "When you stop a batch transform job before it is completed, Amazon SageMaker doesn't store the job's
        output" (StopTransformJob): not that of whole objects either.
        """
        reached = threading.Event()

        async def stick(asked: Asked) -> Any:
            if asked.body == b"stick":
                reached.set()
                await asyncio.sleep(3600)
            return double(asked)

        backend.handlers[IMAGE] = stick
        transforms.put(a_csv="1\n", b_csv="1\n2\nstick\n")
        transforms.create("stopped", LINES, TOGETHER, BatchStrategy="SingleRecord")
        assert reached.wait(patience.SECONDS)
        transforms.plane.sm.stop_transform_job(TransformJobName="stopped")
        job = transforms.ended("stopped")
        assert job["TransformJobStatus"] == "Stopped"
        assert "FailureReason" not in job
        assert transforms.outputs() == {}
        assert all(program.terminated.is_set() for program in backend.programs)

    def test_refuses_to_stop_what_has_ended_or_never_was(self, transforms: Transforms) -> None:
        transforms.put(a_csv="1\n")
        transforms.run("over")
        sm = transforms.plane.sm
        with pytest.raises(ClientError, match="because the transform job is in status Completed"):
            sm.stop_transform_job(TransformJobName="over")
        with pytest.raises(ClientError, match="Could not find job to update with name never"):
            sm.stop_transform_job(TransformJobName="never")
        with pytest.raises(ClientError, match="Could not find requested job with name: never") as error:
            sm.describe_transform_job(TransformJobName="never")
        assert error.value.response["Error"]["Code"] == "ValidationException"


class TestRequests:
    def test_names_are_used_once(self, transforms: Transforms) -> None:
        transforms.put(a_csv="1\n")
        transforms.run("once")
        with pytest.raises(transforms.plane.sm.exceptions.ResourceInUse, match="already exists"):
            transforms.create("ONCE")

    def test_payload_and_concurrency_have_a_common_limit(self, transforms: Transforms) -> None:
        with pytest.raises(ClientError, match="cannot exceed 100 MB"):
            transforms.create("much", MaxConcurrentTransforms=11, MaxPayloadInMB=10)
        with pytest.raises(ClientError, match="cannot be greater than 100"):
            transforms.create("much", MaxPayloadInMB=101)

    def test_the_model_must_exist(self, transforms: Transforms) -> None:
        with pytest.raises(ClientError, match=r'Could not find model "arn:aws:sagemaker:[^"]+:model/nobody"'):
            transforms.create("modelless", ModelName="nobody")

    def test_a_model_with_a_model_data_source_is_for_endpoints_alone(self, transforms: Transforms) -> None:
        source = {"S3Uri": f"s3://{BUCKET}/model.tar.gz", "S3DataType": "S3Object", "CompressionType": "Gzip"}
        container = {"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}}
        transforms.plane.sm.create_model(
            ModelName="source", ExecutionRoleArn=ROLE, PrimaryContainer=container
        )
        with pytest.raises(ClientError, match="SageMaker Batch currently doesn't support Model entity"):
            transforms.create("source", ModelName="source")

    def test_instances_are_limited(self, transforms: Transforms) -> None:
        resources = {"InstanceType": "ml.m5.large", "InstanceCount": 5}
        with pytest.raises(transforms.plane.sm.exceptions.ResourceLimitExceeded, match="transform job usage"):
            transforms.create("many", TransformResources=resources)

    def test_jobs_are_listed_by_status(self, transforms: Transforms) -> None:
        transforms.put(a_csv="1\n")
        transforms.run("list-good", LINES)
        transforms.run("list-bad", ModelClientConfig={}, DataProcessing={}, MaxPayloadInMB=1, given=None)
        sm = transforms.plane.sm
        found = sm.list_transform_jobs(NameContains="list-", SortBy="Name", SortOrder="Ascending")
        names = [each["TransformJobName"] for each in found["TransformJobSummaries"]]
        assert names == ["list-bad", "list-good"]
        completed = sm.list_transform_jobs(StatusEquals="Completed")["TransformJobSummaries"]
        assert {each["TransformJobName"] for each in completed} == {"list-good", "list-bad"}
        assert not sm.list_transform_jobs(StatusEquals="Failed")["TransformJobSummaries"]
