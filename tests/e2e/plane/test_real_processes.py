"""Batch, asynchronous and serverless with real processes: nothing faked."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plane.hosting.asynchronous.builders import written
from tests.plane.support.harness import BUCKET, IMAGE, ROLE, eventually, pack_model, variant
from tests.plane.support.process import Process, settled


@pytest.fixture
def process(tmp_path: Path, aws_url: str, s3: Any) -> Iterator[Process]:
    pack_model(tmp_path, s3)
    process = Process(tmp_path, aws_url, SAGEMAKER_LOCAL_SERVERLESS_IDLE_SECONDS="0.5")
    container = {
        "Image": IMAGE,
        "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz",
        "Environment": {"WHO": "red"},
    }
    process.sm.create_model(ModelName="red", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.end(signal.SIGTERM)


def deploy(process: Process, *variants: dict[str, Any], **members: Any) -> None:
    process.sm.create_endpoint_config(EndpointConfigName="live", ProductionVariants=list(variants), **members)
    process.sm.create_endpoint(EndpointName="live", EndpointConfigName="live")
    settled(process)


def test_a_transform_job_serves_asks_and_goes(process: Process, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="real/in/a.csv", Body=b"1\n2\n3\n")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/real/in"}
    process.sm.create_transform_job(
        TransformJobName="real",
        ModelName="red",
        BatchStrategy="SingleRecord",
        MaxConcurrentTransforms=2,
        TransformInput={
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={
            "S3OutputPath": f"s3://{BUCKET}/real/out",
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        DataProcessing={"JoinSource": "Input"},
    )
    job = eventually(
        lambda: process.sm.describe_transform_job(TransformJobName="real"),
        lambda seen: seen["TransformJobStatus"] in ("Completed", "Failed"),
    )
    assert job["TransformJobStatus"] == "Completed", job
    assert written(s3, f"s3://{BUCKET}/real/out/a.csv.out") == "1,red\n2,red\n3,red\n"
    eventually(lambda: not process.children())


def test_a_serverless_container_gives_its_memory_back(process: Process) -> None:
    config = {"MemorySizeInMB": 1024, "MaxConcurrency": 5}
    deploy(process, {"VariantName": "red", "ModelName": "red", "ServerlessConfig": config})
    for _ in range(3):
        assert process.who("live") == "red"
        eventually(lambda: not process.children())


def test_an_asynchronous_request_survives_kill_9(process: Process, s3: Any) -> None:
    output = {"S3OutputPath": f"s3://{BUCKET}/real/async"}
    deploy(process, variant("red"), AsyncInferenceConfig={"OutputConfig": output})
    process.sm.update_endpoint_weights_and_capacities(
        EndpointName="live", DesiredWeightsAndCapacities=[{"VariantName": "red", "DesiredInstanceCount": 0}]
    )
    settled(process)
    invoke = process.runtime.invoke_endpoint_async
    answers = [invoke(EndpointName="live", Body=b"x")["OutputLocation"] for _ in range(3)]
    process.end(signal.SIGKILL)
    process.start()
    settled(process)
    process.sm.update_endpoint_weights_and_capacities(
        EndpointName="live", DesiredWeightsAndCapacities=[{"VariantName": "red", "DesiredInstanceCount": 1}]
    )
    assert [written(s3, each) for each in answers] == ["red"] * 3
