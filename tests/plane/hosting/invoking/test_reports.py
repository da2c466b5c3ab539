"""Log lines of containers; and captures, metrics and logs of the same traffic."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sagemaker_local.hosting.data_plane import DataPlane
from sagemaker_local.logs import LogShipper
from tests.plane.hosting.invoking.reported import (
    NO_CONNECTION,
    TEXT,
    Refusing,
    objects,
)
from tests.plane.support.variants import invoke, route, variant_spec

pytestmark = pytest.mark.anyio


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
