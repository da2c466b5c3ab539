"""Asking the running stack for a retraining, and bringing it data that lies elsewhere."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.stack.access import Access
from cli.stack.errors import StackError
from switchyard.intake.rules.dataset import SUCCESS_MARKER
from switchyard.intake.rules.file_names import READ, is_table
from switchyard.triggers.rules.request import Answer, Cause, Request

FUNCTION = "AdmitDatasetFunctionName"


def retrain(stack: Access, model: str, dataset: str = "", why: str = "") -> Answer:
    """Asks for a run on `dataset` (an S3 address or a local file; "": the newest there is). why: kept of it."""
    key = bring(stack, model, dataset) if dataset else ""
    request = Request(model, Cause.HAND, uuid.uuid4().hex, key, always=True, why=why)
    payload = json.dumps({"retrain": request.to_dict()})
    answer = stack.client("lambda").invoke(FunctionName=stack.output(FUNCTION), Payload=payload.encode())
    said = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise StackError(
            f"{stack.output(FUNCTION)} failed: {said.get('errorMessage', said)}",
            "Read its log, then try again.",
        )
    return Answer(**said)


def bring(stack: Access, model: str, dataset: str) -> str:
    """The dataset's key in the data bucket; it is copied there when it lies elsewhere."""
    if not dataset.startswith("s3://"):
        return _upload(stack, model, Path(dataset))
    parts = urlsplit(dataset)
    key, bucket = parts.path.lstrip("/"), stack.output("DataBucketName")
    if parts.netloc == bucket and key.startswith(f"{model}/train/"):
        return f"{key}{SUCCESS_MARKER}" if key.endswith("/") else key
    return _copy(stack.client("s3"), (parts.netloc, key), (bucket, f"{model}/train/"))


def _upload(stack: Access, model: str, file: Path) -> str:
    if not file.is_file() or not is_table(file.name):
        raise StackError(
            f"{file} is no file that is read.", f"Name a file ({READ}), or an address as s3://bucket/key.csv."
        )
    key = f"{model}/train/{file.name}"
    stack.client("s3").upload_file(str(file), stack.output("DataBucketName"), key)
    return key


def _copy(s3: Any, source: tuple[str, str], target: tuple[str, str]) -> str:
    """An object, or a folder with its marker last: a folder is a dataset once it is closed."""
    (bucket, key), (data_bucket, prefix) = source, target
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    found = [each for each in keys if key.endswith("/") or each == key]
    if not found:
        raise StackError(
            f"s3://{bucket}/{key} is not there.", "Name an object, or a folder with a / at its end."
        )
    parent = key.rstrip("/").rpartition("/")[0]
    names = [each.removeprefix(parent).lstrip("/") for each in found if not each.endswith(SUCCESS_MARKER)]
    for name in names:
        origin = {"Bucket": bucket, "Key": f"{parent}/{name}".lstrip("/")}
        s3.copy(origin, data_bucket, f"{prefix}{name}")
    if not key.endswith("/"):
        return f"{prefix}{names[0]}"
    marker = f"{prefix}{key.rstrip('/').rpartition('/')[2]}/{SUCCESS_MARKER}"
    s3.put_object(Bucket=data_bucket, Key=marker, Body=b"")
    return marker
