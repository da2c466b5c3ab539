"""Processing jobs over boto3: what a container finds, what it leaves, and how a job ends."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.jobs import filled
from sagemaker_local.runtime.backend import ProgramSpec
from tests import patience
from tests.plane.processing.builders import ended, given, processing_request, wanted, written
from tests.plane.support.events import details
from tests.plane.support.harness import BUCKET, IMAGE, Harness, client, eventually
from tests.plane.support.process import Process


def put(s3: Any, **objects: str) -> None:
    """`put(s3, a__b_csv="1")` writes a/b.csv."""
    for name, text in objects.items():
        key = name.replace("__", "/").replace("_", ".")
        s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())


def files(folder: Path) -> dict[str, str]:
    return {
        each.relative_to(folder).as_posix(): each.read_text() for each in folder.rglob("*") if each.is_file()
    }


class TestAJobThatSucceeds:
    def test_finds_inputs_and_configuration_and_leaves_outputs(self, plane: Harness, s3: Any) -> None:
        put(
            s3, p1__in__a_csv="1", p1__in__deep__b_csv="2", p1__code__job_py="print()", p1__code__job_pyc="no"
        )
        seen: dict[str, Any] = {}

        async def work(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            processing = spec.opt_ml / "processing"
            seen["data"], seen["code"] = files(processing / "data"), files(processing / "code")
            for name in ("processingjobconfig", "resourceconfig"):
                seen[name] = json.loads((spec.opt_ml / "config" / f"{name}.json").read_text())
            seen["spec"] = spec
            (processing / "out" / "deep").mkdir()
            (processing / "out" / "deep" / "r.csv").write_text("3")
            (processing / "out" / "link.csv").symlink_to(processing / "data" / "a.csv")
            (spec.opt_ml / "output" / "message").write_text("kept 2 of 3")
            return 0

        plane.backend.images[IMAGE] = work
        application = {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/code/job.py"],
            "ContainerArguments": ["--rows", "3"],
        }
        inputs = [given("data", "p1/in", "data"), given("code", "p1/code/job.py", "code")]
        plane.sm.create_processing_job(
            **processing_request(
                "whole",
                AppSpecification=application,
                ProcessingInputs=inputs,
                ProcessingOutputConfig=wanted("out", "out", "p1/out"),
                Environment={"COLOUR": "red"},
            )
        )
        job = ended(plane, "whole")
        assert job["ProcessingJobStatus"] == "Completed", job
        assert job["ExitMessage"] == "kept 2 of 3"
        assert job["ProcessingEndTime"] >= job["ProcessingStartTime"] >= job["CreationTime"]
        assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
        assert seen["data"] == {"a.csv": "1", "deep/b.csv": "2"}
        assert "job.py" in seen["code"]
        assert seen["resourceconfig"] == {"current_host": "algo-1", "hosts": ["algo-1"]}
        config = seen["processingjobconfig"]
        assert config["ProcessingJobArn"] == job["ProcessingJobArn"]
        assert config["AppSpecification"] == application
        assert (
            config["ProcessingInputs"] == filled.processing({"ProcessingInputs": inputs})["ProcessingInputs"]
        )
        assert config["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] is None
        assert seen["spec"].entrypoint == ("python3", "/opt/ml/processing/code/job.py")
        assert seen["spec"].arguments == ("--rows", "3")
        assert seen["spec"].environment["COLOUR"] == "red"
        assert written(s3, "p1/out") == {"deep/r.csv": "3"}
        folder = plane.settings.data_dir / "processing-jobs"
        eventually(lambda: not list(folder.glob("*")))

    def test_hosts_share_the_input_and_the_outputs_are_merged(self, plane: Harness, s3: Any) -> None:
        put(s3, p2__in__a="1", p2__in__b="2", p2__in__c="3")

        async def count(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            host = json.loads((spec.opt_ml / "config/resourceconfig.json").read_text())["current_host"]
            data = files(spec.opt_ml / "processing" / "data")
            (spec.opt_ml / "processing" / "out" / host).write_text(",".join(sorted(data)))
            (spec.opt_ml / "output" / "message").write_text(host)
            return 0

        plane.backend.images[IMAGE] = count
        plane.sm.create_processing_job(
            **processing_request(
                "hosts",
                count=2,
                ProcessingInputs=[given("data", "p2/in/", "data", S3DataDistributionType="ShardedByS3Key")],
                ProcessingOutputConfig=wanted("out", "out", "p2/out"),
            )
        )
        assert ended(plane, "hosts")["ExitMessage"] == "algo-1algo-2"
        assert written(s3, "p2/out") == {"algo-1": "a,c", "algo-2": "b"}

    def test_continuous_outputs_appear_while_it_runs(self, plane: Harness, s3: Any) -> None:
        go_on = threading.Event()

        async def slowly(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            file = spec.opt_ml / "processing" / "out" / "progress"
            file.write_text("half")
            while not go_on.is_set():
                await asyncio.sleep(0.01)
            file.write_text("whole")
            return 0

        plane.backend.images[IMAGE] = slowly
        output = wanted("out", "out", "p3/out", "Continuous")
        plane.sm.create_processing_job(**processing_request("slow", ProcessingOutputConfig=output))
        eventually(lambda: written(s3, "p3/out"), lambda seen: seen == {"progress": "half"})
        go_on.set()
        assert ended(plane, "slow")["ProcessingJobStatus"] == "Completed"
        assert written(s3, "p3/out") == {"progress": "whole"}

    def test_reads_a_manifest(self, plane: Harness, s3: Any) -> None:
        put(s3, p4__in__a="1", p4__in__b="2")
        manifest = [{"prefix": f"s3://{BUCKET}/p4/in/"}, "b"]
        s3.put_object(Bucket=BUCKET, Key="p4/m.json", Body=json.dumps(manifest).encode())
        seen = {}

        async def look(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            seen.update(files(spec.opt_ml / "processing" / "data"))
            return 0

        plane.backend.images[IMAGE] = look
        inputs = [given("data", "p4/m.json", "data", S3DataType="ManifestFile")]
        plane.sm.create_processing_job(**processing_request("manifest", ProcessingInputs=inputs))
        assert ended(plane, "manifest")["ProcessingJobStatus"] == "Completed"
        assert seen == {"b": "2"}

    def test_tells_eventbridge_and_the_logs(self, plane: Harness, aws_url: str) -> None:
        async def speak(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            spec.log("a word")
            return 0

        plane.backend.images[IMAGE] = speak
        plane.sm.create_processing_job(**processing_request("told", Tags=[{"Key": "a", "Value": "b"}]))
        ended(plane, "told")
        told = details(plane, "SageMaker Processing Job State Change")
        assert [each["ProcessingJobStatus"] for each in told] == ["InProgress", "InProgress", "Completed"]
        assert told[-1]["Tags"] == {"a": "b"}
        logs, group = client("logs", aws_url), "/aws/sagemaker/ProcessingJobs"

        def lines() -> list[str]:
            try:
                streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="told/algo-1-")
            except logs.exceptions.ResourceNotFoundException:
                return []
            names = [each["logStreamName"] for each in streams["logStreams"]]
            events = [logs.get_log_events(logGroupName=group, logStreamName=n)["events"] for n in names]
            return [event["message"] for each in events for event in each]

        assert eventually(lines) == ["a word"]


class TestAJobThatFails:
    def test_says_what_the_program_said_and_leaves_no_output(self, plane: Harness, s3: Any) -> None:
        async def fail(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            (spec.opt_ml / "processing" / "out" / "half.csv").write_text("half")
            (spec.opt_ml / "output" / "failure").write_text("column 3 is missing")
            (spec.opt_ml / "output" / "message").write_text("é" * 1000)
            return 7

        plane.backend.images[IMAGE] = fail
        output = wanted("out", "out", "p5/out")
        plane.sm.create_processing_job(**processing_request("fails", ProcessingOutputConfig=output))
        job = ended(plane, "fails")
        assert (job["ProcessingJobStatus"], job["FailureReason"]) == (
            "Failed",
            "AlgorithmError: column 3 is missing, exit code: 7",
        )
        assert job["ExitMessage"] == "é" * 512  # 1 KB, not 1024 characters
        assert written(s3, "p5/out") == {}

    def test_one_host_is_enough_and_stops_the_others(self, plane: Harness) -> None:
        stopped = threading.Event()

        async def second_fails(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            if spec.name.endswith("algo-2"):
                return 1
            await terminated.wait()
            stopped.set()
            return 143

        plane.backend.images[IMAGE] = second_fails
        plane.sm.create_processing_job(**processing_request("one-of-two", count=2))
        assert ended(plane, "one-of-two")["FailureReason"] == "AlgorithmError: , exit code: 1"
        assert stopped.is_set()

    def test_a_message_that_is_no_text_fails_the_job(self, plane: Harness) -> None:
        async def garble(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            (spec.opt_ml / "output" / "message").write_bytes(b"\xff\xfe")
            return 0

        plane.backend.images[IMAGE] = garble
        plane.sm.create_processing_job(**processing_request("garbled"))
        job = ended(plane, "garbled")
        assert job["ProcessingJobStatus"] == "Failed"
        assert job["FailureReason"].startswith("ClientError: The exit message")
        assert job["ExitMessage"] == "\N{REPLACEMENT CHARACTER}" * 2

    def test_inputs_that_are_not_there_fail_it(self, plane: Harness) -> None:
        inputs = [given("data", "p6/nothing/", "data")]
        plane.sm.create_processing_job(**processing_request("inputless", ProcessingInputs=inputs))
        job = ended(plane, "inputless")
        assert job["FailureReason"].startswith("ClientError: Data download failed:No S3 objects found")

    @pytest.mark.parametrize("paths", [("data", "data/a.csv"), ("data/a.csv", "data")])
    def test_an_input_where_another_has_a_file_fails_it(
        self, plane: Harness, s3: Any, paths: tuple[str, str]
    ) -> None:
        s3.put_object(Bucket=BUCKET, Key="one/a.csv", Body=b"1")
        inputs = [given(f"input-{path.count('/')}", "one/a.csv", path) for path in paths]
        plane.sm.create_processing_job(**processing_request("nested", ProcessingInputs=inputs))
        assert "one name stands for both a file and a folder" in ended(plane, "nested")["FailureReason"]

    def test_outputs_that_cannot_be_written_fail_it(self, plane: Harness) -> None:
        async def write(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            (spec.opt_ml / "processing" / "out" / "a").write_text("1")
            return 0

        plane.backend.images[IMAGE] = write
        output = wanted("out", "out", "x")
        output["Outputs"][0]["S3Output"]["S3Uri"] = "s3://no-such-bucket-of-outputs/x"
        plane.sm.create_processing_job(**processing_request("unwritable", ProcessingOutputConfig=output))
        assert ended(plane, "unwritable")["FailureReason"].startswith("ClientError: Output upload failed")


class TestEndingEarly:
    @pytest.mark.parametrize("by", ["caller", "time"])
    def test_ends_as_stopped_with_its_last_words(self, plane: Harness, s3: Any, by: str) -> None:
        started = threading.Event()

        async def until_told(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            (spec.opt_ml / "processing" / "out" / "half").write_text("half")
            (spec.opt_ml / "output" / "message").write_text("at row 5")
            started.set()
            await terminated.wait()
            return 143

        plane.backend.images[IMAGE] = until_told
        output = wanted("out", "out", f"p7/{by}")
        stopping = {"MaxRuntimeInSeconds": 5 if by == "time" else 600}
        request = processing_request(by, ProcessingOutputConfig=output, StoppingCondition=stopping)
        plane.sm.create_processing_job(**request)
        assert started.wait(patience.SECONDS)
        if by == "caller":
            plane.sm.stop_processing_job(ProcessingJobName=by)
        job = ended(plane, by)
        assert (job["ProcessingJobStatus"], job["ExitMessage"]) == ("Stopped", "at row 5")
        assert "FailureReason" not in job
        assert written(s3, f"p7/{by}") == {}
        told = details(plane, "SageMaker Processing Job State Change")
        assert [each["ProcessingJobStatus"] for each in told][-2:] == ["Stopping", "Stopped"]

    def test_what_has_ended_or_never_was_is_not_stopped(self, plane: Harness) -> None:
        plane.sm.create_processing_job(**processing_request("over"))
        ended(plane, "over")
        with pytest.raises(ClientError, match="because the processing job is in status Completed"):
            plane.sm.stop_processing_job(ProcessingJobName="over")
        with pytest.raises(ClientError, match="Could not find requested job with name: never"):
            plane.sm.describe_processing_job(ProcessingJobName="never")


class TestRequests:
    @pytest.mark.parametrize(
        "path", ["/opt/ml/data", "/opt/ml/processing", "/opt/ml/processing/../x", "data"]
    )
    def test_local_paths_lie_below_the_processing_folder(self, plane: Harness, path: str) -> None:
        inputs = [given("data", "x/", "data", LocalPath=path)]
        with pytest.raises(ClientError, match="must begin with /opt/ml/processing/"):
            plane.sm.create_processing_job(**processing_request("paths", ProcessingInputs=inputs))

    def test_pipe_mode_and_repeated_names_are_refused(self, plane: Harness) -> None:
        pipe = [given("data", "x/", "data", S3InputMode="Pipe")]
        with pytest.raises(ClientError, match="Pipe is not implemented"):
            plane.sm.create_processing_job(**processing_request("pipe", ProcessingInputs=pipe))
        twice = [given("data", "x/", "a"), given("data", "x/", "b")]
        with pytest.raises(ClientError, match="must be unique"):
            plane.sm.create_processing_job(**processing_request("twice", ProcessingInputs=twice))

    def test_two_inputs_have_no_place_in_common(self, plane: Harness) -> None:
        inputs = [given("a", "x/", "data"), given("b", "x/", "data/")]
        with pytest.raises(
            ClientError, match="inputs a and b have the same LocalPath /opt/ml/processing/data"
        ):
            plane.sm.create_processing_job(**processing_request("same", ProcessingInputs=inputs))

    @pytest.mark.parametrize(
        ("members", "text"),
        [
            ({"SelectedInstanceType": "ml.m5.large"}, "SelectedInstanceType is read-only"),
            (
                {"InstancePreferences": [{"InstanceType": "ml.m5.xlarge"}]},
                "does not implement InstancePreferences",
            ),
        ],
    )
    def test_members_that_are_not_taken(self, plane: Harness, members: dict[str, Any], text: str) -> None:
        request = processing_request("no")
        request["ProcessingResources"]["ClusterConfig"] |= members
        with pytest.raises(ClientError, match=text):
            plane.sm.create_processing_job(**request)

    def test_no_second_source_or_target_is_passed_over(self, plane: Harness) -> None:
        inputs = [given("a", "x/", "a") | {"DatasetDefinition": {"LocalPath": "/opt/ml/processing/a"}}]
        with pytest.raises(ClientError, match="reads S3Input only"):
            plane.sm.create_processing_job(**processing_request("no", ProcessingInputs=inputs))
        outputs = wanted("a", "a", "out")
        outputs["Outputs"][0]["FeatureStoreOutput"] = {"FeatureGroupName": "group"}
        with pytest.raises(ClientError, match="writes S3Output only"):
            plane.sm.create_processing_job(**processing_request("no", ProcessingOutputConfig=outputs))

    def test_unknown_images_are_refused_with_the_next_step(self, plane: Harness) -> None:
        with pytest.raises(ClientError, match="register nobody:1 with --images"):
            plane.sm.create_processing_job(
                **processing_request("nobody", AppSpecification={"ImageUri": "nobody:1"})
            )

    def test_names_are_used_once_and_jobs_are_listed(self, plane: Harness) -> None:
        plane.sm.create_processing_job(**processing_request("once"))
        with pytest.raises(plane.sm.exceptions.ResourceInUse):
            plane.sm.create_processing_job(**processing_request("once"))
        ended(plane, "once")
        found = plane.sm.list_processing_jobs(StatusEquals="Completed")["ProcessingJobSummaries"]
        assert [each["ProcessingJobName"] for each in found] == ["once"]


def test_a_script_with_container_paths_runs_as_it_is(process: Process, s3: Any) -> None:
    """Nothing faked: the SDK's way, one object as code and the path of a container in the entrypoint."""
    script = (
        "import os, sys, pathlib\n"
        "base = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])\n"
        "rows = (base / 'processing/data/a.csv').read_text().splitlines()\n"
        "(base / 'processing/out/count').write_text(sys.argv[1] + str(len(rows)))\n"
    )
    put(s3, p8__in__a_csv="1\n2\n", p8__code__job_py=script)
    application = {
        "ImageUri": IMAGE,
        "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/job.py"],
        "ContainerArguments": ["rows="],
    }
    process.sm.create_processing_job(
        **processing_request(
            "real",
            AppSpecification=application,
            ProcessingInputs=[
                given("data", "p8/in", "data"),
                given("code", "p8/code/job.py", "input/code"),
            ],
            ProcessingOutputConfig=wanted("out", "out", "p8/out"),
        )
    )
    job = ended(process, "real")  # type: ignore[arg-type]  # it has the client that is asked for
    assert job["ProcessingJobStatus"] == "Completed", job
    assert written(s3, "p8/out") == {"count": "rows=2"}
