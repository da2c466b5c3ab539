"""The plane as a process of its own, with real children: what survives `kill -9`, and what a clean stop leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from botocore.exceptions import ClientError

from cli.stack.home import REPOSITORY
from tests import patience
from tests.plane.support.harness import (
    BUCKET,
    IMAGE,
    ROLE,
    client,
    eventually,
    training_request,
    variant,
)
from tests.plane.support.process import Process, deploy, settled
from tests.plane.tuning.builders import tuning_request


def gone(processes: list[psutil.Process]) -> bool:
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)


def test_a_killed_plane_serves_its_endpoints_again_and_fails_its_jobs(process: Process) -> None:
    deploy(process, "red", "blue")
    both = [variant("red", 0), variant("blue", 3)]
    process.sm.create_endpoint_config(EndpointConfigName="both", ProductionVariants=both)
    process.sm.update_endpoint(EndpointName="live", EndpointConfigName="both")
    settled(process)
    process.sm.create_training_job(**training_request("endless", HyperParameters={"hang": "1"}))

    def job() -> dict[str, Any]:
        return dict(process.sm.describe_training_job(TrainingJobName="endless"))

    eventually(job, lambda seen: seen["SecondaryStatus"] == "Training")
    children = eventually(process.children, lambda seen: len(seen) >= 3)

    process.end(signal.SIGKILL)
    process.start()

    eventually(lambda: gone(children))
    assert job()["TrainingJobStatus"] == "Failed"
    assert job()["FailureReason"].startswith("InternalServerError: ")
    endpoint = settled(process)
    assert endpoint["EndpointConfigName"] == "both"
    assert {each["VariantName"]: each["CurrentWeight"] for each in endpoint["ProductionVariants"]} == {
        "red": 0.0,
        "blue": 3.0,
    }
    assert {process.who("live") for _ in range(5)} == {"blue"}


def test_a_killed_planes_endpoints_are_never_said_to_be_missing(process: Process, tmp_path: Path) -> None:
    may_start = tmp_path / "may_start"
    may_start.touch()
    deploy(process, "red", STARTS_WHEN=str(may_start))
    process.end(signal.SIGKILL)
    may_start.unlink()
    process.start()

    def status() -> int:
        answer = httpx.post(f"{process.url}/endpoints/live/invocations", content="x", trust_env=False)
        return answer.status_code

    assert {status() for _ in range(20)} == {httpx.codes.SERVICE_UNAVAILABLE}
    may_start.touch()
    seen: set[int] = set()
    eventually(lambda: seen.add(status()) or httpx.codes.OK in seen)
    assert seen <= {httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE}
    assert process.who("live") == "red"


def test_jobs_that_waited_for_a_place_or_have_attempts_left_run_after_a_kill(process: Process) -> None:
    hang = {"HyperParameters": {"hang": "1"}}
    process.sm.create_training_job(**training_request("runs", **hang))
    retry = {"RetryStrategy": {"MaximumRetryAttempts": 1}}
    process.sm.create_training_job(**training_request("retries", **hang, **retry))
    waiting = ["waits-one", "waits-two", "waits-three"]
    for name in waiting:
        process.sm.create_training_job(**training_request(name))

    def job(name: str) -> dict[str, Any]:
        return dict(process.sm.describe_training_job(TrainingJobName=name))

    def secondary(name: str) -> str:
        return str(job(name)["SecondaryStatus"])

    eventually(lambda: {secondary("runs"), secondary("retries")} == {"Training"})
    assert {secondary(name) for name in waiting} == {"Pending"}
    process.sm.stop_training_job(TrainingJobName="waits-three")

    process.end(signal.SIGKILL)
    process.start()

    eventually(lambda: secondary("waits-two") == "Completed")
    assert [secondary(name) for name in ("waits-one", "waits-three")] == ["Completed", "Stopped"]
    assert job("runs")["FailureReason"].startswith("InternalServerError")
    eventually(lambda: secondary("retries") == "Training")
    statuses = [each["Status"] for each in job("retries")["SecondaryStatusTransitions"]]
    assert statuses.count("Starting") == 2


def test_a_tuning_job_goes_on_after_a_kill(process: Process) -> None:
    process.sm.create_hyper_parameter_tuning_job(**tuning_request("survives", 4, 1))

    def job() -> dict[str, Any]:
        name = {"HyperParameterTuningJobName": "survives"}
        return dict(process.sm.describe_hyper_parameter_tuning_job(**name))

    eventually(lambda: job()["TrainingJobStatusCounters"]["Completed"] >= 1)
    process.end(signal.SIGKILL)
    process.start()

    seen = eventually(job, lambda each: each["HyperParameterTuningJobStatus"] != "InProgress")
    assert seen["HyperParameterTuningJobStatus"] == "Completed"
    counters = seen["TrainingJobStatusCounters"]
    assert counters["Completed"] == 4
    assert counters["RetryableError"] <= 1
    assert counters["NonRetryableError"] == counters["Stopped"] == counters["InProgress"] == 0


@pytest.mark.parametrize("operation", ["create", "update", "delete"])
def test_a_change_that_the_kill_interrupted_settles_after_the_restart(
    process: Process, operation: str
) -> None:
    deploy(process, "red", "blue")
    if operation == "create":
        process.sm.create_endpoint(EndpointName="second", EndpointConfigName="blue")
    elif operation == "update":
        process.sm.update_endpoint(EndpointName="live", EndpointConfigName="blue")
    else:
        process.sm.delete_endpoint(EndpointName="live")

    process.end(signal.SIGKILL)
    process.start()

    if operation == "delete":
        eventually(lambda: process.sm.list_endpoints()["Endpoints"], lambda seen: seen == [])
        return
    name = "second" if operation == "create" else "live"
    eventually(lambda: process.status(name), lambda status: status == "InService")
    assert process.who(name) == "blue"


def test_an_interrupted_update_that_cannot_succeed_returns_to_what_served(
    process: Process, aws_url: str
) -> None:
    deploy(process, "red")
    lost = {"Bucket": BUCKET, "Key": "no-such-model.tar.gz"}
    client("s3", aws_url).put_object(**lost)
    container = {
        "Image": IMAGE,
        "ModelDataUrl": f"s3://{BUCKET}/no-such-model.tar.gz",
        "Environment": {"WHO": "x"},
    }
    process.sm.create_model(ModelName="lost", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    client("s3", aws_url).delete_object(**lost)
    process.sm.create_endpoint_config(EndpointConfigName="lost", ProductionVariants=[variant("lost")])
    process.sm.update_endpoint(EndpointName="live", EndpointConfigName="lost")

    process.end(signal.SIGKILL)
    process.start()

    endpoint = settled(process)
    assert endpoint["EndpointConfigName"] == "red"
    assert "Failed to download model data" in endpoint["FailureReason"]
    assert process.who("live") == "red"


def test_a_canary_that_the_kill_interrupted_begins_anew_from_the_old_config(
    process: Process, aws_url: str
) -> None:
    deploy(process, "red", "blue", instances=2, variant_name="main")
    cloudwatch = client("cloudwatch", aws_url)
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "Invocation5XXErrors", "Statistic": "Average"}
    cloudwatch.put_metric_alarm(
        AlarmName="after-the-kill",
        **metric,
        Period=60,
        EvaluationPeriods=1,
        Threshold=0.5,
        ComparisonOperator="GreaterThanThreshold",
    )
    size = {"Type": "INSTANCE_COUNT", "Value": 1}
    routing = {"Type": "CANARY", "WaitIntervalInSeconds": 600, "CanarySize": size}
    guarded = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "after-the-kill"}]},
    }
    process.sm.update_endpoint(EndpointName="live", EndpointConfigName="blue", DeploymentConfig=guarded)
    eventually(lambda: {process.who("live") for _ in range(10)}, lambda seen: seen == {"red", "blue"})

    process.end(signal.SIGKILL)
    process.start()

    assert process.status("live") == "Updating"
    eventually(lambda: answering(process), lambda seen: seen == {"red", "blue"})
    cloudwatch.set_alarm_state(AlarmName="after-the-kill", StateValue="ALARM", StateReason="a test says so")
    endpoint = settled(process)
    assert endpoint["EndpointConfigName"] == "red"
    assert "after-the-kill went into ALARM state" in endpoint["FailureReason"]
    assert answering(process) == {"red"}


def answering(process: Process) -> set[str]:
    """Who answers ten requests; nobody while nothing serves yet."""
    try:
        return {process.who("live") for _ in range(10)}
    except ClientError:
        return set()


def test_a_clean_stop_leaves_no_child_behind(process: Process) -> None:
    deploy(process, "red")
    process.sm.create_training_job(**training_request("endless", HyperParameters={"hang": "1"}))
    children = eventually(process.children, lambda seen: len(seen) >= 2)
    assert process.end(signal.SIGTERM) in (0, -signal.SIGTERM)
    assert gone(children)
    assert "Traceback" not in process.log.read_text()


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
    said = refused(tmp_path, {"AWS_ENDPOINT_URL": url})
    assert "AWS_ENDPOINT_URL" in said
    assert "http://127.0.0.1:4566" in said


def test_refuses_to_start_with_docker_where_there_is_none(tmp_path: Path) -> None:
    docker = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "SAGEMAKER_LOCAL_DOCKER": "/no/docker"}
    assert "/no/docker cannot be run" in refused(tmp_path, docker, "--backend", "docker")


def refused(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    """What a local SageMaker that does not start says on standard error."""
    run = subprocess.run(
        [sys.executable, "-m", "sagemaker_local", "--data-dir", str(folder), *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=patience.SECONDS,
        check=False,
    )
    assert run.returncode == 2
    return run.stderr
