"""Which exchanges are captured, in what shape, and where they lie."""

from __future__ import annotations

import base64
import json
import re
from random import Random
from typing import Any

import pytest

from sagemaker_local.hosting.invoking.capture import Capture, CaptureConfig, record
from tests.plane.hosting.invoking.reported import (
    AT,
    NO_CONNECTION,
    REFUSED,
    TEXT,
    Refusing,
    exchange,
    objects,
)
from tests.plane.support.variants import BUCKET, eventually

pytestmark = pytest.mark.anyio


def test_a_record_has_the_shape_of_sagemakers() -> None:
    line = record(TEXT, exchange(inference_id="row-1"))

    event_id = line["eventMetadata"].pop("eventId")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event_id)
    assert line == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv",
                "mode": "INPUT",
                "data": "1,2\n",
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "text/csv; charset=utf-8",
                "mode": "OUTPUT",
                "data": "0.25\n",
                "encoding": "CSV",
            },
        },
        "eventMetadata": {"inferenceId": "row-1", "inferenceTime": "2026-11-22T19:59:58Z"},
        "eventVersion": "0",
    }


@pytest.mark.parametrize(
    ("kind", "body", "encoding"),
    [
        ("text/csv", b"1", "CSV"),
        ("TEXT/CSV; charset=utf-8", b"1", "CSV"),
        ("application/json", b"{}", "JSON"),
        ("application/x-npy", b"\x93NUMPY", "BASE64"),
        ("text/csv", b"\xff", "BASE64"),
        (None, b"1", "BASE64"),
    ],
)
def test_the_encoding_follows_the_content_type_and_base64_is_the_rest(
    kind: str | None, body: bytes, encoding: str
) -> None:
    payload = record(TEXT, exchange(kind=kind, body=body))["captureData"]["endpointInput"]

    assert (payload["encoding"], payload["observedContentType"]) == (encoding, kind)
    data = payload["data"].encode()
    assert (base64.b64decode(data) if encoding == "BASE64" else data) == body


def test_without_an_inference_id_the_record_has_none() -> None:
    assert "inferenceId" not in record(TEXT, exchange())["eventMetadata"]


@pytest.mark.parametrize(("mode", "member"), [("Input", "endpointInput"), ("Output", "endpointOutput")])
def test_only_what_the_capture_options_name_is_captured(mode: str, member: str) -> None:
    config = CaptureConfig("s3://b", 100, frozenset({mode}))

    assert list(record(config, exchange())["captureData"]) == [member]


async def test_files_are_laid_out_by_endpoint_variant_and_hour(cloud: Any) -> None:
    capture = Capture(lambda: cloud.s3, 60)
    for at in (AT, AT + 1, AT + 2):
        capture.offer(TEXT, "churn", "blue", exchange(at))

    await capture.flush()

    files = objects(cloud)
    uuid = r"[0-9a-f]{8}-[0-9a-f-]{27}"
    assert [re.sub(uuid, "UUID", key) for key in files] == [
        "m/capture/churn/blue/2026/11/22/19/59-58-123-UUID.jsonl",
        "m/capture/churn/blue/2026/11/22/20/00-00-123-UUID.jsonl",
    ]
    assert [len(body.splitlines()) for body in files.values()] == [2, 1]
    assert all(
        json.loads(line)["eventVersion"] == "0" for body in files.values() for line in body.splitlines()
    )


async def test_a_bucket_without_prefix_gets_no_leading_slash(cloud: Any) -> None:
    capture = Capture(lambda: cloud.s3, 60)
    capture.offer(CaptureConfig(f"s3://{BUCKET}", 100), "churn", "blue", exchange())

    await capture.flush()

    assert next(iter(objects(cloud))).startswith("churn/blue/2026/")


@pytest.mark.parametrize(("percentage", "lowest", "highest"), [(0, 0, 0), (20, 340, 460), (100, 2000, 2000)])
async def test_a_sample_of_the_requests_is_captured(percentage: float, lowest: int, highest: int) -> None:
    s3 = Refusing(None)
    capture = Capture(lambda: s3, 60, Random(7).random)  # noqa: S311 - the same draws every time
    config = CaptureConfig("s3://b/c", percentage)
    for _ in range(2000):
        capture.offer(config, "churn", "blue", exchange())

    await capture.flush()

    captured = sum(members["Body"].count(b"\n") for _, members in s3.calls)
    assert lowest <= captured <= highest


async def test_captures_are_kept_while_s3_is_away(caplog: pytest.LogCaptureFixture) -> None:
    s3 = Refusing(NO_CONNECTION)
    capture = Capture(lambda: s3, 60)
    capture.offer(TEXT, "churn", "blue", exchange())
    await capture.flush()
    s3.error = None

    await capture.flush()
    await capture.flush()

    assert len(s3.calls) == 1
    assert "data capture could not write" in caplog.text


async def test_a_bucket_that_refuses_does_not_hold_up_the_others() -> None:
    s3 = Refusing(REFUSED)
    capture = Capture(lambda: s3, 60)
    capture.offer(CaptureConfig("s3://missing", 100), "churn", "blue", exchange())
    await capture.flush()
    s3.error = None
    capture.offer(TEXT, "churn", "blue", exchange())

    await capture.flush()

    assert [members["Bucket"] for _, members in s3.calls] == [BUCKET]


async def test_a_lot_of_data_is_written_before_the_time_is_over(cloud: Any) -> None:
    capture = Capture(lambda: cloud.s3, 3600)
    capture.background.start()
    for _ in range(5):
        capture.offer(TEXT, "churn", "blue", exchange(body=b"1" * 1_000_000))

    await eventually(lambda: objects(cloud))
    await capture.background.close()
