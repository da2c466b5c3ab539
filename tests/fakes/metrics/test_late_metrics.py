"""Metrics in weather: a value is late by the same each time, some never come, answers break off, idle is zero."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from tests.fakes.metrics.late_metrics import REQUESTS, Delays, LateCloudWatch
from tests.fakes.metrics.traffic import Traffic

BEGAN = 1_800_000_000
HOUR = 3600


@dataclass
class Endpoint:
    now: float = BEGAN + HOUR
    mode: str = "realtime"
    traffic: Traffic = field(default_factory=Traffic)

    def clock(self) -> float:
        return self.now

    def fails(self, variant: str) -> bool:
        return variant == "bad"


def served(**weights: float) -> Endpoint:
    endpoint = Endpoint()
    endpoint.traffic.note(weights, BEGAN)
    return endpoint


def read(metrics: LateCloudWatch, name: str, variant: str) -> tuple[Mapping[int, float], str]:
    dimensions = [{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": variant}]
    query = {"Id": "a", "MetricStat": {"Metric": {"MetricName": name, "Dimensions": dimensions}}}
    times = {
        "StartTime": datetime.fromtimestamp(BEGAN, UTC),
        "EndTime": datetime.fromtimestamp(BEGAN + HOUR, UTC),
    }
    [page] = metrics.paginate(MetricDataQueries=[query], **times)
    [found] = page["MetricDataResults"]
    moments = [int(each.timestamp()) for each in found["Timestamps"]]
    return dict(zip(moments, found["Values"], strict=True)), found["StatusCode"]


def whole(endpoint: Endpoint, **delays: Any) -> LateCloudWatch:
    return LateCloudWatch(endpoint, Delays(**{"late": 0.0, "partial": 0.0, **delays}), "seed")


def test_requests_are_shared_out_by_weight_and_an_idle_variant_has_zeros() -> None:
    metrics = whole(served(good=75.0, bad=25.0, idle=0.0))
    shares = {name: set(read(metrics, "Invocations", name)[0].values()) for name in ("good", "bad", "idle")}
    assert shares == {"good": {0.75 * REQUESTS}, "bad": {0.25 * REQUESTS}, "idle": {0}}
    assert set(read(metrics, "InvocationModelErrors", "bad")[0].values()) == {0.05 * REQUESTS}
    assert set(read(metrics, "InvocationModelErrors", "good")[0].values()) == {0}
    assert read(metrics, "Invocations", "nobody")[0] == {}


def test_a_value_is_late_by_its_own_time_and_then_stays() -> None:
    endpoint = served(good=100.0)
    metrics, seen = whole(endpoint, late=180.0), []
    for seconds in range(0, 300, 60):
        endpoint.now = BEGAN + HOUR + seconds
        seen.append(set(read(metrics, "Invocations", "good")[0]))
    assert all(before <= after for before, after in pairwise(seen))
    assert 57 <= len(seen[0]) < 60 == len(seen[-1])


def test_some_values_never_come() -> None:
    endpoint = served(good=100.0)
    endpoint.now = BEGAN + 100 * HOUR
    assert 10 < len(read(whole(endpoint, never=0.5), "Invocations", "good")[0]) < 50


def test_an_answer_that_is_not_whole_says_so_and_lacks_the_newest() -> None:
    metrics = whole(served(good=100.0), partial=1.0)
    found, state = read(metrics, "Invocations", "good")
    assert state in ("PartialData", "InternalError")
    assert sorted(found) == [BEGAN + 60 * minute for minute in range(30)]
