"""What the reports of traffic are made from in tests: an exchange, and clients of AWS that refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError

from sagemaker_local.hosting.invoking.capture import CaptureConfig, Exchange
from sagemaker_local.hosting.serving.connection import Reply
from tests.plane.support.variants import BUCKET

AT = datetime(2026, 11, 22, 19, 59, 58, 123_000, tzinfo=UTC).timestamp()
TEXT = CaptureConfig(
    f"s3://{BUCKET}/m/capture", 100, csv_content_types=("text/csv",), json_content_types=("application/json",)
)


def exchange(
    at: float = AT, kind: str | None = "text/csv", body: bytes = b"1,2\n", **changes: Any
) -> Exchange:
    reply = Reply(200, {b"content-type": b"text/csv; charset=utf-8"}, b"0.25\n")
    return Exchange(kind, body, changes.get("reply", reply), changes.get("inference_id"), at)


def objects(cloud: Any) -> dict[str, bytes]:
    """Every object of the bucket but models."""
    found = cloud.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    keys = [each["Key"] for each in found if not each["Key"].endswith(".tar.gz")]
    return {key: cloud.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


class Refusing:
    """A client whose calls fail with `error` until it is None, then are counted."""

    def __init__(self, error: Exception | None) -> None:
        self.error, self.calls = error, []

    def __getattr__(self, name: str) -> Any:
        def call(**members: Any) -> None:
            if self.error:
                raise self.error
            self.calls.append((name, members))

        return call


NO_CONNECTION = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
REFUSED = ClientError({"Error": {"Code": "NoSuchBucket"}, "ResponseMetadata": {"HTTPStatusCode": 404}}, "Put")
