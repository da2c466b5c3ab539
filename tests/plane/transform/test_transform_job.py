"""Transform jobs over boto3: what is sent and what is written."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

from tests import patience
from tests.plane.support.events import details
from tests.plane.support.harness import BUCKET, IMAGE, eventually
from tests.plane.support.serving import Asked, ServingBackend
from tests.plane.transform.builders import LINES, TOGETHER, Transforms, double
from tests.plane.transform.logs import logged


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
        bodies, all_are_busy = [], asyncio.Event()

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
            if busy == 4:
                all_are_busy.set()
            async with asyncio.timeout(patience.SECONDS):
                await all_are_busy.wait()
            await asyncio.sleep(0.02)  # for a fifth, which must not come
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
