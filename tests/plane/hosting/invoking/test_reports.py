"""What the data plane says about traffic: capture files, metrics, logs."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.hosting.data_plane import DataPlane
from sagemaker_local.hosting.invoking.capture import Capture, CaptureConfig, Exchange, record
from sagemaker_local.hosting.invoking.metrics import MAX_KEPT, MAX_VALUES, Metrics, in_parts, summarise
from sagemaker_local.hosting.serving.connection import Reply
from sagemaker_local.hosting.serving.variant import RunningVariant
from sagemaker_local.logs import LogShipper
from tests.plane.support.variants import BUCKET, eventually, invoke, route, variant_spec

pytestmark = pytest.mark.anyio

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


# capture


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


# metrics


def variant(instances: int = 1, name: str = "blue", serverless: Any = None) -> Any:
    spec = SimpleNamespace(endpoint="churn", variant=name, serverless=serverless)
    return SimpleNamespace(spec=spec, instances=[None] * instances, metered_as=(None,))


async def test_the_fleets_of_a_deployment_are_metered_together_and_apart() -> None:
    now, cloudwatch = [AT], Refusing(None)
    metrics = Metrics(lambda: cloudwatch, 60, lambda: now[0])
    for config, requests in (("config-old", 3), ("config-new", 1)):
        fleet = RunningVariant(variant().spec, [])
        fleet.meter_as(config)
        for _ in range(requests):
            metrics.observe(fleet, 200, latency=0.001, overhead=0.0)
    now[0] += 60
    await metrics.publish()
    counted = {
        tuple(each["Value"] for each in datum["Dimensions"][1:]): sum(datum["Counts"])
        for _, members in cloudwatch.calls
        for datum in members["MetricData"]
        if datum["MetricName"] == "Invocations"
    }
    assert counted == {("blue",): 4, ("blue", "config-old"): 3, ("blue", "config-new"): 1}


def published(cloudwatch: Refusing) -> dict[tuple[str, str], dict[str, Any]]:
    """By metric name and variant; the last of each."""
    data = [datum for _, members in cloudwatch.calls for datum in members["MetricData"]]
    assert {members["Namespace"] for _, members in cloudwatch.calls} <= {"AWS/SageMaker"}
    return {(datum["MetricName"], datum["Dimensions"][1]["Value"]): datum for datum in data}


async def test_a_period_is_published_when_it_is_over_with_its_start_as_its_time() -> None:
    now, cloudwatch = [AT], Refusing(None)
    metrics = Metrics(lambda: cloudwatch, 60, lambda: now[0])
    for status in (200, 200, 400, 500, 0):
        metrics.observe(variant(instances=2), status, latency=0.004, overhead=0.001)
    await metrics.publish()
    assert cloudwatch.calls == []
    now[0] += 2

    await metrics.publish()
    await metrics.publish()

    found = published(cloudwatch)
    assert len(cloudwatch.calls) == 1
    assert {name for name, _ in found} == {
        *("Invocations", "InvocationsPerInstance", "Invocation4XXErrors", "Invocation5XXErrors"),
        *("InvocationModelErrors", "ModelLatency", "OverheadLatency"),
    }
    for datum in found.values():
        assert datum["Timestamp"] == datetime(2026, 11, 22, 19, 59, tzinfo=UTC)
        assert datum["StorageResolution"] == 60
        assert datum["Dimensions"][0] == {"Name": "EndpointName", "Value": "churn"}
        assert sum(datum["Counts"]) == 5
    sums = {
        name: sum(value * count for value, count in zip(datum["Values"], datum["Counts"], strict=True))
        for (name, _), datum in found.items()
    }
    assert sums == pytest.approx(
        {
            "Invocations": 5,
            "InvocationsPerInstance": 2.5,
            "Invocation4XXErrors": 1,
            "Invocation5XXErrors": 1,
            "InvocationModelErrors": 3,
            "ModelLatency": 20_000,
            "OverheadLatency": 5_000,
        }
    )
    assert found["ModelLatency", "blue"]["Unit"] == "Microseconds"


async def test_a_serverless_variant_publishes_what_aws_lists_for_it_and_nothing_else() -> None:
    cloudwatch = Refusing(None)
    metrics = Metrics(lambda: cloudwatch, 60)
    for status in (200, 400, 500):
        metrics.observe(variant(serverless=object()), status, latency=0.004, overhead=0.001)
    await metrics.publish(everything=True)
    assert {name for name, _ in published(cloudwatch)} == {
        *("Invocations", "Invocations4XXErrors", "Invocations5XXErrors", "ModelLatency", "OverheadLatency")
    }


def invocations(cloudwatch: Refusing) -> list[tuple[str, int, float]]:
    """(variant, second, requests) of each datum."""
    data = [datum for _, members in cloudwatch.calls for datum in members["MetricData"]]
    return [
        (
            datum["Dimensions"][1]["Value"],
            datum["Timestamp"].second,
            datum["Values"][0] * sum(datum["Counts"]),
        )
        for datum in data
        if datum["MetricName"] == "Invocations"
    ]


async def test_a_realtime_variant_that_nobody_asks_reports_zeros_from_when_it_serves_and_each_once() -> None:
    now, cloudwatch, live = [AT], Refusing(None), [variant(name="green").spec]
    metrics = Metrics(lambda: cloudwatch, 1, lambda: now[0], lambda: live)
    for _ in range(2):
        await metrics.publish()
    metrics.observe(variant(name="green"), 200, 0.001, 0.001)
    now[0] += 3
    await metrics.publish()
    await metrics.publish()
    live.clear()
    now[0] += 2
    await metrics.publish()
    assert invocations(cloudwatch) == [("green", 58, 1), ("green", 59, 0), ("green", 0, 0)]


async def test_after_an_hour_without_a_request_no_more_zeros_are_kept() -> None:
    now, cloudwatch, live = [AT], Refusing(None), [variant().spec]
    metrics = Metrics(lambda: cloudwatch, 60, lambda: now[0], lambda: live)
    for _ in range(100):
        await metrics.publish()
        now[0] += 60
    assert len(invocations(cloudwatch)) == 60


async def test_periods_below_a_minute_have_high_resolution() -> None:
    now, cloudwatch = [AT], Refusing(None)
    metrics = Metrics(lambda: cloudwatch, 1, lambda: now[0])
    for name in ("blue", "green"):
        metrics.observe(variant(name=name), 200, 0.001, 0.001)
    now[0] += 1
    metrics.observe(variant(name="green"), 200, 0.001, 0.001)
    now[0] += 1

    await metrics.publish()

    data = [datum for _, members in cloudwatch.calls for datum in members["MetricData"]]
    counted = [datum for datum in data if datum["MetricName"] == "Invocations"]
    assert [(datum["Dimensions"][1]["Value"], datum["Timestamp"].second) for datum in counted] == [
        ("blue", 58),
        ("green", 58),
        ("green", 59),
    ]
    assert {datum["StorageResolution"] for datum in data} == {1}


async def test_metrics_are_kept_while_cloudwatch_is_away_and_sent_once() -> None:
    cloudwatch = Refusing(NO_CONNECTION)
    metrics = Metrics(lambda: cloudwatch, 1)
    metrics.observe(variant(), 200, 0.001, 0.001)
    await metrics.publish(everything=True)
    cloudwatch.error = None

    await metrics.close()

    assert len(published(cloudwatch)) == len(cloudwatch.calls[0][1]["MetricData"]) == 7


@given(st.lists(st.floats(0, 1e9), max_size=700), st.integers(3, 150))
def test_a_summary_keeps_count_sum_minimum_and_maximum(samples: list[float], limit: int) -> None:
    values, counts = summarise(samples, limit)

    assert len(values) == len(counts) <= limit
    assert sum(counts) == len(samples)
    assert sum(v * c for v, c in zip(values, counts, strict=True)) == pytest.approx(sum(samples))
    if samples:
        assert (values[0], values[-1]) == (min(samples), max(samples))
        assert all(count > 0 for count in counts)


def test_latencies_are_published_as_they_were_as_far_as_that_goes() -> None:
    few, many = [float(n) for n in range(400)], [float(n) for n in range(2 * MAX_KEPT)]

    parts = list(in_parts(few))
    assert [value for values, _ in parts for value in values] == few
    assert max(len(values) for values, _ in parts) <= MAX_VALUES
    assert sum(sum(counts) for _, counts in in_parts(many)) == len(many)


# logs, and all three together


async def test_log_lines_wait_for_cloudwatch_logs_and_keep_their_order(cloud: Any) -> None:
    real, away = cloud.logs, Refusing(NO_CONNECTION)
    away.exceptions = real.exceptions  # type: ignore[attr-defined]
    clients = [away, real]
    shipper = LogShipper(lambda: clients[0], 60)
    for number in range(3):
        shipper.line("/aws/sagemaker/Endpoints/churn", "blue/i-1", f"line {number}")
    shipper.line("/aws/sagemaker/Endpoints/churn", "blue/i-1", "")
    await shipper.flush()
    del clients[0]

    await shipper.flush()
    await shipper.flush()

    found = real.get_log_events(logGroupName="/aws/sagemaker/Endpoints/churn", logStreamName="blue/i-1")
    assert [event["message"] for event in found["events"]] == ["line 0", "line 1", "line 2"]


async def test_traffic_leaves_captures_metrics_and_logs(
    plane: DataPlane, client: httpx.AsyncClient, cloud: Any
) -> None:
    running = await plane.start_variant(variant_spec())
    plane.set_route(route((running, 1.0), capture=TEXT))
    for number in range(5):
        await invoke(client, f"{number},1", Inference_Id=f"row-{number}")
    await invoke(client, "status:400")

    await plane.close()

    lines = [json.loads(line) for body in objects(cloud).values() for line in body.splitlines()]
    assert [line["eventMetadata"]["inferenceId"] for line in lines] == [f"row-{n}" for n in range(5)]
    assert lines[0]["captureData"]["endpointOutput"]["encoding"] == "BASE64"  # text/plain was not declared
    errors = await asyncio.to_thread(
        cloud.cloudwatch.get_metric_statistics,
        Namespace="AWS/SageMaker",
        MetricName="Invocation4XXErrors",
        Dimensions=[{"Name": "EndpointName", "Value": "churn"}, {"Name": "VariantName", "Value": "blue"}],
        StartTime=datetime.fromtimestamp(0, UTC),
        EndTime=datetime.now(UTC) + timedelta(hours=1),
        Period=86_400 * 365 * 100,
        Statistics=["Sum", "SampleCount"],
    )
    assert [(point["Sum"], point["SampleCount"]) for point in errors["Datapoints"]] == [(1, 6)]
    group = "/aws/sagemaker/Endpoints/churn"
    streams = cloud.logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert [re.sub(r"i-[0-9a-f]{17}", "ID", each["logStreamName"]) for each in streams] == ["blue/ID"]
    events = cloud.logs.get_log_events(logGroupName=group, logStreamName=streams[0]["logStreamName"])[
        "events"
    ]
    assert [event["message"] for event in events] == ["toy server starts", "a word on stderr"]
