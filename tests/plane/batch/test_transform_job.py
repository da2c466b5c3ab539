"""Transform jobs over boto3: what is sent, what is written, and how a job ends."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.batch.builders import LINES, TOGETHER, Transforms
from tests.plane.batch.conftest import double
from tests.plane.control.harness import BUCKET, IMAGE, client, eventually
from tests.plane.control.test_events import details
from tests.plane.serving import Asked, ServingBackend

_GROUP = "/aws/sagemaker/TransformJobs"


def logged(aws_url: str, job: str, suffix: str) -> list[str]:
    logs = client("logs", aws_url)
    streams = logs.describe_log_streams(logGroupName=_GROUP, logStreamNamePrefix=f"{job}/")["logStreams"]
    names = [each["logStreamName"] for each in streams if each["logStreamName"].endswith(suffix)]
    return [
        event["message"]
        for name in names
        for event in logs.get_log_events(logGroupName=_GROUP, logStreamName=name)["events"]
    ]


class TestAJobThatSucceeds:
    def test_writes_one_output_an_object_in_the_order_of_its_records(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        numbers = range(200)
        transforms.put(a_csv="".join(f"{n}\n" for n in numbers), deep__b_csv="1,2\n3,4\n")

        async def slower_first(asked: Asked) -> Any:
            if asked.path == "/invocations":
                await asyncio.sleep(0.01 if asked.body in (b"0", b"1", b"5") else 0)
            return double(asked)

        backend.handlers[IMAGE] = slower_first
        job = transforms.run(
            "good", LINES, TOGETHER, BatchStrategy="SingleRecord", MaxConcurrentTransforms=8, MaxPayloadInMB=1
        )

        assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
        assert transforms.outputs() == {
            "a.csv.out": "".join(f"{2 * n}\n" for n in numbers),
            "deep/b.csv.out": "6\n14\n",
        }
        assert job["TransformEndTime"] >= job["TransformStartTime"] >= job["CreationTime"]
        assert job["TransformJobArn"].endswith(":transform-job/good")
        folder = transforms.plane.settings.data_dir / "transform-jobs"
        eventually(lambda: not list(folder.glob("*")))

    def test_sends_an_object_whole_unless_it_is_to_be_split(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        bodies: list[bytes] = []

        def note(asked: Asked) -> Any:
            if asked.path == "/invocations":
                bodies.append(asked.body)
            return double(asked)

        backend.handlers[IMAGE] = note
        transforms.put(a_csv="1\n2\n")
        assert transforms.run("whole")["TransformJobStatus"] == "Completed"
        assert bodies == [b"1\n2\n"]
        assert transforms.outputs() == {"a.csv.out": "2\n4"}

    def test_fills_requests_up_to_the_payload(self, transforms: Transforms, backend: ServingBackend) -> None:
        sizes: list[int] = []

        def count(asked: Asked) -> Any:
            if asked.path != "/invocations":
                return 404, b""
            sizes.append(len(asked.body))
            return b"x\n" * len(asked.body.splitlines())

        backend.handlers[IMAGE] = count
        line = "1" * 99_999 + "\n"
        transforms.put(a_csv=line * 25)
        job = transforms.run("filled", LINES, TOGETHER, MaxPayloadInMB=1)
        assert job["TransformJobStatus"] == "Completed", job
        assert sizes == [1_000_000, 1_000_000, 500_000]

    def test_gives_the_container_the_contract(self, transforms: Transforms, backend: ServingBackend) -> None:
        seen: dict[str, Any] = {}

        def note(asked: Asked) -> Any:
            if asked.path == "/invocations":
                seen.update(environment=dict(asked.spec.environment), headers=asked.headers)
                seen["model"] = (asked.spec.opt_ml / "model" / "model.json").read_text()
            return double(asked)

        backend.handlers[IMAGE] = note
        transforms.put(a_csv="1\n")
        more = {"MaxPayloadInMB": 2, "BatchStrategy": "SingleRecord", "MaxConcurrentTransforms": 3}
        transforms.run("contract", LINES, Environment={"SHAPE": "round", "COLOUR": "blue"}, **more)
        expected = {
            "SAGEMAKER_BATCH": "true",
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": "2",
            "SAGEMAKER_BATCH_STRATEGY": "SINGLE_RECORD",
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "3",
            "SHAPE": "round",
            "COLOUR": "blue",
            "AWS_REGION": "us-east-1",
        }
        assert expected.items() <= seen["environment"].items()
        assert seen["headers"]["content-type"] == seen["headers"]["accept"] == "text/csv"
        assert seen["model"] == "{}"

    def test_asks_the_container_for_what_the_request_leaves_open(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        busy, most = 0, 0
        bodies = []

        async def measure(asked: Asked) -> Any:
            nonlocal busy, most
            if asked.path == "/execution-parameters":
                offered = {
                    "MaxConcurrentTransforms": 4,
                    "BatchStrategy": "SINGLE_RECORD",
                    "MaxPayloadInMB": 100,
                }
                return json.dumps(offered).encode()
            busy += 1
            most = max(most, busy)
            bodies.append(asked.body)
            await asyncio.sleep(0.02)
            busy -= 1
            return double(asked)

        backend.handlers[IMAGE] = measure
        transforms.put(a_csv="1\n2\n3\n4\n5\n6\n7\n8\n", b_csv="9\n10\n")
        transforms.run("offered", LINES, TOGETHER, MaxPayloadInMB=5)
        assert sorted(bodies) == sorted(b"%d" % n for n in range(1, 11))
        assert most == 4

    def test_spreads_objects_over_its_instances(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        places = set()

        def note(asked: Asked) -> Any:
            if asked.path == "/invocations":
                places.add(asked.spec.opt_ml)
            return double(asked)

        backend.handlers[IMAGE] = note
        transforms.put(a_csv="1\n", b_csv="2\n", c_csv="3\n")
        resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2}
        job = transforms.run("two", LINES, TOGETHER, TransformResources=resources)
        assert job["TransformJobStatus"] == "Completed"
        assert len(places) == 2
        assert set(transforms.outputs()) == {"a.csv.out", "b.csv.out", "c.csv.out"}

    def test_reads_gzip_and_manifests(self, transforms: Transforms, s3: Any) -> None:
        transforms.put(a_csv=gzip.compress(b"1\n2\n"), b_csv=b"not asked for")
        manifest = [{"prefix": f"s3://{BUCKET}/{transforms.home}/in/"}, "a.csv"]
        s3.put_object(Bucket=BUCKET, Key=f"{transforms.home}/m.json", Body=json.dumps(manifest).encode())
        source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{BUCKET}/{transforms.home}/m.json"}
        given = LINES | {"CompressionType": "Gzip", "DataSource": {"S3DataSource": source}}
        job = transforms.run("gzip", given, TOGETHER)
        assert job["TransformJobStatus"] == "Completed", job
        assert transforms.outputs() == {"a.csv.out": "2\n4\n"}

    def test_an_empty_object_gives_an_empty_output(self, transforms: Transforms) -> None:
        transforms.put(a_csv="", b_csv="\n\n")
        assert transforms.run("empty", LINES, TOGETHER)["TransformJobStatus"] == "Completed"
        assert transforms.outputs() == {"a.csv.out": "", "b.csv.out": ""}

    def test_tells_eventbridge_and_the_logs(self, transforms: Transforms, aws_url: str) -> None:
        transforms.put(a_csv="1\n")
        transforms.run("told", LINES)
        lines = eventually(lambda: logged(aws_url, "told", "/data-log"))
        expected = "MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD"
        assert lines == [f"[sagemaker logs]: {expected}"]
        told = details(transforms.plane, "SageMaker Transform Job State Change")
        assert [each["TransformJobStatus"] for each in told] == ["InProgress", "InProgress", "Completed"]
        assert told[-1]["TransformEndTime"].endswith("Z")
        assert not [name for each in told for name in each if name.startswith("_")]


class TestDataProcessing:
    def test_joins_csv_and_keeps_the_columns_that_are_asked_for(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        transforms.put(a_csv='"id, 1",1,2\nid2,3,4\n')
        processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
        job = transforms.run("joined", LINES, TOGETHER, DataProcessing=processing)
        assert job["TransformJobStatus"] == "Completed", job
        assert job["DataProcessing"] == processing
        assert transforms.outputs() == {"a.csv.out": '"id, 1",6\nid2,14\n'}

    def test_joins_json_lines(self, transforms: Transforms, backend: ServingBackend) -> None:
        def predict(asked: Asked) -> Any:
            if asked.path != "/invocations":
                return 404, b""
            rows = [json.loads(line) for line in asked.body.splitlines()]
            return b"".join(json.dumps({"sum": sum(row)}).encode() + b"\n" for row in rows)

        backend.handlers[IMAGE] = predict
        transforms.put(a_jsonl='{"id": 7, "features": [1, 2]}\n{"id": 8, "features": [3]}\n')
        kind = {"ContentType": "application/jsonlines"}
        processing = {
            "InputFilter": "$.features",
            "JoinSource": "Input",
            "OutputFilter": "$['id','SageMakerOutput']",
        }
        job = transforms.run(
            "lines",
            LINES | kind,
            TOGETHER | {"Accept": "application/jsonlines"},
            DataProcessing=processing,
        )
        assert job["TransformJobStatus"] == "Completed", job
        lines = transforms.outputs()["a.jsonl.out"].splitlines()
        assert [json.loads(line) for line in lines] == [
            {"id": 7, "SageMakerOutput": {"sum": 3}},
            {"id": 8, "SageMakerOutput": {"sum": 3}},
        ]

    def test_wraps_json_that_is_no_object(self, transforms: Transforms, backend: ServingBackend) -> None:
        backend.handlers[IMAGE] = lambda asked: b"[0.5]" if asked.path == "/invocations" else (404, b"")
        transforms.put(a_json="[1, 2]")
        kind = "application/json"
        transforms.run(
            "wrapped", {"ContentType": kind}, {"Accept": kind}, DataProcessing={"JoinSource": "Input"}
        )
        written = json.loads(transforms.outputs()["a.json.out"])
        assert written == {"SageMakerInput": [1, 2], "SageMakerOutput": [0.5]}

    @pytest.mark.parametrize("path", ["[0]", "$..a", "$[?@.a > 1]", "$["])
    def test_refuses_paths_that_sagemaker_does_not_have(self, transforms: Transforms, path: str) -> None:
        with pytest.raises(ClientError, match="DataProcessing"):
            transforms.create("bad", LINES, TOGETHER, DataProcessing={"InputFilter": path})

    def test_refuses_formats_that_do_not_agree(self, transforms: Transforms) -> None:
        processing = {"JoinSource": "Input"}
        with pytest.raises(ClientError, match="SplitType and AssembleWith to be Line"):
            transforms.create("bad", LINES, DataProcessing=processing)
        with pytest.raises(ClientError, match="to be the same one of"):
            transforms.create(
                "bad", LINES, TOGETHER | {"Accept": "application/json"}, DataProcessing=processing
            )

    def test_fails_when_a_column_is_not_there(self, transforms: Transforms, aws_url: str) -> None:
        transforms.put(a_csv="1,2\n", b_csv="1,2,3\n")
        job = transforms.run("short", LINES, TOGETHER, DataProcessing={"InputFilter": "$[2]"})
        assert (job["TransformJobStatus"], job["FailureReason"]) == (
            "Failed",
            "ClientError: See job logs for more information",
        )
        assert transforms.outputs() == {"b.csv.out": "6\n"}
        eventually(lambda: [line for line in logged(aws_url, "short", "/data-log") if "$[2]" in line])

    def test_fails_when_records_and_answers_cannot_be_associated(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        backend.handlers[IMAGE] = lambda asked: b"1\n" if asked.path == "/invocations" else (404, b"")
        transforms.put(a_csv="1\n2\n")
        job = transforms.run("odd", LINES, TOGETHER, DataProcessing={"JoinSource": "Input"})
        assert job["TransformJobStatus"] == "Failed"
        assert transforms.outputs() == {}


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

    def test_fails_when_there_is_no_input(self, transforms: Transforms) -> None:
        job = transforms.run("nothing")
        assert job["TransformJobStatus"] == "Failed"
        assert "No S3 objects found under S3 URL" in job["FailureReason"]

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

    def test_fails_when_there_is_no_model(self, transforms: Transforms) -> None:
        container = {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/no/model.tar.gz"}
        role = "arn:aws:iam::000000000000:role/training"
        transforms.plane.sm.create_model(ModelName="gone", ExecutionRoleArn=role, PrimaryContainer=container)
        transforms.put(a_csv="1\n")
        job = transforms.run("modelless", ModelName="gone")
        assert job["FailureReason"].startswith("ClientError: Failed to download model data")


class TestStopping:
    def test_ends_as_stopped_and_keeps_what_was_whole(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        reached = threading.Event()

        async def stick(asked: Asked) -> Any:
            if asked.body == b"stick":
                reached.set()
                await asyncio.sleep(3600)
            return double(asked)

        backend.handlers[IMAGE] = stick
        transforms.put(a_csv="1\n", b_csv="1\n2\nstick\n")
        transforms.create("stopped", LINES, TOGETHER, BatchStrategy="SingleRecord")
        assert reached.wait(20)
        transforms.plane.sm.stop_transform_job(TransformJobName="stopped")
        job = transforms.ended("stopped")
        assert job["TransformJobStatus"] == "Stopped"
        assert "FailureReason" not in job
        assert transforms.outputs() == {"a.csv.out": "2\n"}
        assert all(program.terminated.is_set() for program in backend.programs)

    def test_refuses_to_stop_what_has_ended_or_never_was(self, transforms: Transforms) -> None:
        transforms.run("over")
        sm = transforms.plane.sm
        with pytest.raises(ClientError, match="because the transform job is in status Failed"):
            sm.stop_transform_job(TransformJobName="over")
        with pytest.raises(ClientError, match="Could not find job to update with name never"):
            sm.stop_transform_job(TransformJobName="never")
        with pytest.raises(ClientError, match="Could not find requested job with name: never") as error:
            sm.describe_transform_job(TransformJobName="never")
        assert error.value.response["Error"]["Code"] == "ValidationException"


class TestRequests:
    def test_names_are_used_once(self, transforms: Transforms) -> None:
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
