"""Which metrics an endpoint publishes, when, and what becomes of those that CloudWatch cannot take."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.hosting.invoking.metrics import MAX_KEPT, MAX_VALUES, Metrics, Point, in_parts, summarise
from sagemaker_local.hosting.serving.variant import RunningVariant
from tests.plane.hosting.invoking.reported import (
    AT,
    NO_CONNECTION,
    Refusing,
)

pytestmark = pytest.mark.anyio


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


async def test_values_of_one_period_arrive_each_at_its_own_time() -> None:
    """Late, and partial: who asks too early gets a part of a period."""
    now, delays = [0.0], iter([0.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0])
    cloudwatch = Refusing(None)
    metrics = Metrics(lambda: cloudwatch, 60, lambda: now[0], late_seconds=lambda: next(delays))
    for name in ("Invocations", "ModelLatency"):
        metrics.add(Point(name, "None", (("EndpointName", "e"),)), 1.0)
    now[0] = 60.0
    await metrics.publish()
    now[0] = 120.0
    await metrics.publish()
    now[0] = 180.0
    await metrics.publish()
    sent = [[each["MetricName"] for each in members["MetricData"]] for _, members in cloudwatch.calls]
    assert sent == [["Invocations"], ["ModelLatency"]]
