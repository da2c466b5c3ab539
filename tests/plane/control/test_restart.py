"""The plane as a process of its own, with real children: what survives `kill -9`, and what a clean stop leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import yaml

from sagemaker_local.archive import pack
from tests.plane.control.harness import BUCKET, IMAGE, ROLE, client, eventually, training_request, variant

TOY = Path(__file__).parent / "toy"


class Process:
    """`python -m sagemaker_local` in a folder that outlives it."""

    def __init__(self, folder: Path, aws_url: str, **environment: str) -> None:
        self.folder = folder
        file = folder / "images.yaml"
        entry = {"match": "toy:*", "train": [str(TOY / "train")], "serve": [str(TOY / "serve")]}
        file.write_text(yaml.safe_dump([entry | {"path": str(Path(sys.executable).parent.parent)}]))
        self._environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": aws_url, **environment}
        self.log = folder / "plane.log"
        self.start()

    def start(self) -> None:
        before = self.log.read_text().count("listens on") if self.log.exists() else 0
        arguments = ["--data-dir", str(self.folder / "data"), "--images", str(self.folder / "images.yaml")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sagemaker_local", *arguments],
                env=self._environment,
                cwd=Path(__file__).parents[3],
                stdout=log,
                stderr=log,
            )
        eventually(lambda: self.log.read_text().count("listens on") > before, seconds=60)
        line = [line for line in self.log.read_text().splitlines() if "listens on" in line][-1]
        self.url = line.split("listens on ")[1].split(",")[0]
        eventually(self._answers)
        self.sm, self.runtime = client("sagemaker", self.url), client("sagemaker-runtime", self.url)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/_local/health", trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(40)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def status(self, endpoint: str) -> str:
        return str(self.sm.describe_endpoint(EndpointName=endpoint)["EndpointStatus"])

    def who(self, endpoint: str) -> str:
        return str(self.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x")["Body"].read().decode())


@pytest.fixture
def plane(tmp_path: Path, aws_url: str, s3: Any) -> Iterator[Process]:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.json").write_text("{}")
    pack(tmp_path / "model", tmp_path / "model.tar.gz")
    s3.upload_file(str(tmp_path / "model.tar.gz"), BUCKET, "model.tar.gz")
    process = Process(tmp_path, aws_url)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.end(signal.SIGTERM)


def deploy(plane: Process, *names: str) -> None:
    for name in names:
        container = {
            "Image": IMAGE,
            "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz",
            "Environment": {"WHO": name},
        }
        plane.sm.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        plane.sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    plane.sm.create_endpoint(EndpointName="live", EndpointConfigName=names[0])
    eventually(lambda: plane.status("live"), lambda status: status == "InService")


def gone(processes: list[psutil.Process]) -> bool:
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)


def test_a_killed_plane_serves_its_endpoints_again_and_fails_its_jobs(plane: Process) -> None:
    deploy(plane, "red", "blue")
    both = [variant("red", 0), variant("blue", 3)]
    plane.sm.create_endpoint_config(EndpointConfigName="both", ProductionVariants=both)
    plane.sm.update_endpoint(EndpointName="live", EndpointConfigName="both")
    eventually(lambda: plane.status("live"), lambda status: status == "InService")
    plane.sm.create_training_job(**training_request("endless", HyperParameters={"hang": "1"}))

    def job() -> dict[str, Any]:
        return dict(plane.sm.describe_training_job(TrainingJobName="endless"))

    eventually(job, lambda seen: seen["SecondaryStatus"] == "Training")
    children = eventually(plane.children, lambda seen: len(seen) >= 3)

    plane.end(signal.SIGKILL)
    plane.start()

    eventually(lambda: gone(children))
    assert job()["TrainingJobStatus"] == "Failed"
    assert job()["FailureReason"].startswith("InternalServerError: ")
    eventually(lambda: plane.status("live"), lambda status: status == "InService")
    endpoint = plane.sm.describe_endpoint(EndpointName="live")
    assert endpoint["EndpointConfigName"] == "both"
    assert {each["VariantName"]: each["CurrentWeight"] for each in endpoint["ProductionVariants"]} == {
        "red": 0.0,
        "blue": 3.0,
    }
    assert {plane.who("live") for _ in range(5)} == {"blue"}


@pytest.mark.parametrize("operation", ["create", "update", "delete"])
def test_a_change_that_the_kill_interrupted_settles_after_the_restart(plane: Process, operation: str) -> None:
    deploy(plane, "red", "blue")
    if operation == "create":
        plane.sm.create_endpoint(EndpointName="second", EndpointConfigName="blue")
    elif operation == "update":
        plane.sm.update_endpoint(EndpointName="live", EndpointConfigName="blue")
    else:
        plane.sm.delete_endpoint(EndpointName="live")

    plane.end(signal.SIGKILL)
    plane.start()

    if operation == "delete":
        eventually(lambda: plane.sm.list_endpoints()["Endpoints"], lambda seen: seen == [])
        return
    name = "second" if operation == "create" else "live"
    eventually(lambda: plane.status(name), lambda status: status == "InService")
    assert plane.who(name) == "blue"


def test_an_interrupted_update_that_cannot_succeed_returns_to_what_served(plane: Process) -> None:
    deploy(plane, "red")
    container = {
        "Image": IMAGE,
        "ModelDataUrl": f"s3://{BUCKET}/no-such-model.tar.gz",
        "Environment": {"WHO": "x"},
    }
    plane.sm.create_model(ModelName="lost", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    plane.sm.create_endpoint_config(EndpointConfigName="lost", ProductionVariants=[variant("lost")])
    plane.sm.update_endpoint(EndpointName="live", EndpointConfigName="lost")

    plane.end(signal.SIGKILL)
    plane.start()

    eventually(lambda: plane.status("live"), lambda status: status == "InService")
    endpoint = plane.sm.describe_endpoint(EndpointName="live")
    assert endpoint["EndpointConfigName"] == "red"
    assert "Failed to download model data" in endpoint["FailureReason"]
    assert plane.who("live") == "red"


def test_a_clean_stop_leaves_no_child_behind(plane: Process) -> None:
    deploy(plane, "red")
    plane.sm.create_training_job(**training_request("endless", HyperParameters={"hang": "1"}))
    children = eventually(plane.children, lambda seen: len(seen) >= 2)
    assert plane.end(signal.SIGTERM) in (0, -signal.SIGTERM)
    assert gone(children)
    assert "Traceback" not in plane.log.read_text()


def test_events_that_were_not_delivered_survive_too(tmp_path: Path, aws_url: str) -> None:
    silent = "http://127.0.0.1:9/events"
    process = Process(tmp_path, aws_url, SAGEMAKER_LOCAL_EVENTS_URL=silent)
    try:
        process.sm.create_model_package_group(ModelPackageGroupName="group")
        process.sm.create_model_package(ModelPackageGroupName="group")
        process.end(signal.SIGKILL)
        process.start()
        health = httpx.get(f"{process.url}/_local/health", trust_env=False).json()
        assert health["events_waiting"] == 1
    finally:
        process.end(signal.SIGTERM)


@pytest.mark.parametrize(
    "url", ["", "https://s3.us-east-1.amazonaws.com", "http://10.0.0.1:4566", "ftp://127.0.0.1"]
)
def test_refuses_to_start_against_anything_but_loopback(tmp_path: Path, url: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "sagemaker_local", "--data-dir", str(tmp_path)],
        env={"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": url},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2
    assert "AWS_ENDPOINT_URL" in run.stderr
    assert "http://127.0.0.1:4566" in run.stderr
