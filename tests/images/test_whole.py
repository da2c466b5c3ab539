"""On a whole plane, by boto3: script mode from training to endpoint, and a Spark processing job."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_local.runtime.images import Images
from sagemaker_local.runtime.process import ProcessBackend
from tests.images.test_script_mode import SERVING, SKLEARN, example, packed, rows
from tests.images.test_spark import IMAGE as SPARK
from tests.images.test_spark import ROOT
from tests.plane.processing.builders import given, processing_request, wanted
from tests.plane.support.harness import (
    BUCKET,
    ROLE,
    Harness,
    channel,
    eventually,
    serve,
    settings_in,
    training_request,
)


@pytest.fixture
def plane(tmp_path: Path, aws_url: str) -> Iterator[Harness]:
    settings = settings_in(tmp_path / "plane", aws_url)
    with serve(settings, ProcessBackend(settings.data_dir, Images())) as harness:  # type: ignore[arg-type]
        yield harness


def test_a_script_is_trained_its_metrics_are_read_and_it_serves(
    plane: Harness, s3: Any, tmp_path: Path
) -> None:
    table = "\n".join(rows("sklearn-script", tmp_path / "data", "second.csv"))
    s3.put_object(Bucket=BUCKET, Key="script/train/rows.csv", Body=table.encode())
    s3.put_object(Bucket=BUCKET, Key="script/sourcedir.tar.gz", Body=packed(**example("sklearn-script")))
    plane.sm.create_training_job(
        **training_request(
            "script",
            AlgorithmSpecification={
                "TrainingImage": SKLEARN,
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "train:mae", "Regex": r"train-mae=(\S+)"}],
            },
            HyperParameters={
                "sagemaker_program": json.dumps("train.py"),
                "sagemaker_submit_directory": json.dumps(f"s3://{BUCKET}/script/sourcedir.tar.gz"),
                "alpha": "10",
            },
            InputDataConfig=[channel("train", f"s3://{BUCKET}/script/train/") | {"ContentType": "text/csv"}],
        )
    )
    ended = ("Completed", "Failed", "Stopped")
    job = eventually(
        lambda: plane.sm.describe_training_job(TrainingJobName="script"),
        lambda seen: seen["TrainingJobStatus"] in ended,
        seconds=120,
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert 30 < job["FinalMetricDataList"][0]["Value"] < 60
    container = {
        "Image": SKLEARN,
        "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
        "Environment": SERVING,
    }
    plane.sm.create_model(ModelName="script", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    plane.create_config("script", {"script": 1.0})
    plane.sm.create_endpoint(EndpointName="script", EndpointConfigName="script")
    eventually(
        lambda: plane.sm.describe_endpoint(EndpointName="script")["EndpointStatus"],
        lambda status: status in ("InService", "Failed"),
        seconds=120,
    )
    body = table.splitlines()[0].partition(",")[2].encode()
    answer = plane.runtime.invoke_endpoint(
        EndpointName="script", ContentType="text/csv", Accept="text/csv", Body=body
    )
    assert 30 < float(answer["Body"].read()) < 350
    plane.sm.delete_endpoint(EndpointName="script")


def test_a_spark_job_reads_its_inputs_and_its_output_is_uploaded(
    plane: Harness, s3: Any, tmp_path: Path
) -> None:
    script = (ROOT / "examples/spark/code/prepare.py").read_bytes()
    s3.put_object(Bucket=BUCKET, Key="spark/code/prepare.py", Body=script)
    s3.put_object(Bucket=BUCKET, Key="spark/raw/rows.csv", Body=b"a,label\n1, 0\n1,0\n2,1\nx,1\n3,\n,1\n")
    plane.sm.create_processing_job(
        **processing_request(
            "spark",
            AppSpecification={
                "ImageUri": SPARK,
                "ContainerEntrypoint": ["smspark-submit", "/opt/ml/processing/input/code/prepare.py"],
                "ContainerArguments": ["--target", "label"],
            },
            ProcessingInputs=[
                given("code", "spark/code/prepare.py", "input/code"),
                given("data", "spark/raw/", "input/data"),
            ],
            ProcessingOutputConfig=wanted("clean", "output", "spark/clean"),
            StoppingCondition={"MaxRuntimeInSeconds": 280},
        )
    )
    job = eventually(
        lambda: plane.sm.describe_processing_job(ProcessingJobName="spark"),
        lambda seen: seen["ProcessingJobStatus"] != "InProgress",
        seconds=280,
    )
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="spark/clean/")["Contents"]
    (key,) = [each["Key"] for each in listed if "/part-" in each["Key"]]
    text = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    assert text.splitlines() == ["label,a", "0.0,1.0", "1.0,1.0", "1.0,2.0"]
