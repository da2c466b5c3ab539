"""Requests for processing jobs, and what became of them."""

from __future__ import annotations

from typing import Any

from tests.plane.support.harness import BUCKET, IMAGE, ROLE, Harness, eventually


def processing_request(name: str, count: int = 1, **members: Any) -> dict[str, Any]:
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 1}
    return {
        "ProcessingJobName": name,
        "ProcessingResources": {"ClusterConfig": cluster},
        "AppSpecification": {"ImageUri": IMAGE},
        "RoleArn": ROLE,
    } | members


def given(name: str, prefix: str, path: str, **members: Any) -> dict[str, Any]:
    """A ProcessingInput that brings `prefix` of the tests' bucket to /opt/ml/processing/`path`."""
    source = {
        "S3Uri": f"s3://{BUCKET}/{prefix}",
        "LocalPath": f"/opt/ml/processing/{path}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    return {"InputName": name, "S3Input": source | members}


def wanted(name: str, path: str, prefix: str, mode: str = "EndOfJob") -> dict[str, Any]:
    """ProcessingOutputConfig with one output."""
    target = {
        "S3Uri": f"s3://{BUCKET}/{prefix}",
        "LocalPath": f"/opt/ml/processing/{path}",
        "S3UploadMode": mode,
    }
    return {"Outputs": [{"OutputName": name, "S3Output": target}]}


def ended(plane: Harness, name: str) -> dict[str, Any]:
    """The job, once it has come to its end."""
    return eventually(
        lambda: plane.sm.describe_processing_job(ProcessingJobName=name),
        lambda job: job["ProcessingJobStatus"] in ("Completed", "Failed", "Stopped"),
    )


def written(s3: Any, prefix: str) -> dict[str, str]:
    """The objects below a prefix of the tests' bucket."""
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", [])
    return {
        each["Key"].removeprefix(f"{prefix}/"): s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"]
        .read()
        .decode()
        for each in found
    }
