"""The two objects with which a model begins: its pipeline.yaml, and then its first dataset."""

from __future__ import annotations

from pathlib import Path

from cli.stack.access import Access


def upload_pipeline(access: Access, model: str, text: str) -> str:
    """To the artifact bucket, which only owners write; answers the address."""
    bucket, key = access.output("ArtifactBucketName"), f"{model}/pipeline.yaml"
    access.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode())
    return f"s3://{bucket}/{key}"


def upload_dataset(access: Access, model: str, name: str, body: bytes | Path) -> str:
    """To the data bucket; answers the key. A drop starts a run."""
    bucket, key, s3 = access.output("DataBucketName"), f"{model}/train/{name}", access.client("s3")
    if isinstance(body, Path):
        s3.upload_file(str(body), bucket, key)
    else:
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    return key
