"""CloudWatch metrics of what passes through: namespace AWS/SageMaker, per EndpointName and VariantName.

Each type of endpoint publishes what AWS's page of it lists, under that page's names, and nothing else. A realtime
variant that nobody asks reports Invocations 0; of a serverless or asynchronous one nothing is known then: absence is
not zero.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.background import Background, is_temporary
from sagemaker_local.hosting.serving.spec import VariantSpec
from sagemaker_local.hosting.serving.variant import RunningVariant

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

log = logging.getLogger(__name__)

NAMESPACE = "AWS/SageMaker"
MAX_VALUES = 150  # PutMetricData: "up to 150 unique values" a metric
MAX_KEPT = 3_000  # latencies a period that are published as they were; more are summarised
MAX_DATA = 1000  # PutMetricData: metrics a request
MAX_PENDING = 20_000  # data kept while CloudWatch cannot be reached
# A variant reports zeros for this long; AWS does for ever, but here somebody keeps them all.
IDLE_SECONDS = 3_600


@dataclass
class _Bucket:
    """What one variant did in one period. Latencies in microseconds."""

    serverless: bool = False
    invocations: int = 0
    client_errors: int = 0
    server_errors: int = 0
    model_errors: int = 0
    per_instance: dict[float, int] = field(default_factory=dict)
    model_latency: list[float] = field(default_factory=list)
    overhead_latency: list[float] = field(default_factory=list)

    def count(self, status: int, latency: float, overhead: float, share: float) -> None:
        """One answered request; `share` is one instance's part of the variant."""
        self.invocations += 1
        self.per_instance[share] = self.per_instance.get(share, 0) + 1
        self.client_errors += 400 <= status < 500
        self.server_errors += status >= 500
        self.model_errors += not 200 <= status < 300
        self.model_latency.append(latency * 1e6)
        self.overhead_latency.append(max(overhead, 0.0) * 1e6)


# Period, EndpointName, VariantName, and the EndpointConfigName of one of a deployment's fleets.
_Key = tuple[int, str, str, str | None]


@dataclass(frozen=True)
class Point:
    """One value of one metric; dimensions are (name, value) pairs."""

    name: str
    unit: str
    dimensions: tuple[tuple[str, str], ...]


class Idle:
    """Periods in which nobody asked a realtime variant: "a real-time endpoint reports a zero for an interval in which
    nothing called it" (Cloud Custodian, topic SageMaker endpoints, probed on AWS).
    """

    def __init__(self, live: Callable[[], Iterable[VariantSpec]], longest: int) -> None:
        self._live, self._longest = live, longest
        self._told: dict[tuple[str, str], int] = {}  # the first period that nothing was said of yet
        self._asked: dict[tuple[str, str], int] = {}  # the last one with a request

    def periods(self, now: int, busy: set[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
        """(period, EndpointName, VariantName) of each that is over, and not in `busy`; each once."""
        for period, *names in busy:
            key = (names[0], names[1])
            self._asked[key] = max(period, self._asked.get(key, period))
        live = {(spec.endpoint, spec.variant) for spec in self._live()}
        told = {key: self._told.get(key, now) for key in live}
        self._told = dict.fromkeys(live, now)
        self._asked = {key: self._asked.get(key, now) for key in live}
        for key, since in sorted(told.items()):
            for period in range(since, min(now, self._asked[key] + self._longest)):
                if (period, *key) not in busy:
                    yield period, *key


class Metrics:
    """Counts requests by period and publishes each period when it is over."""

    def __init__(
        self,
        cloudwatch: Callable[[], CloudWatchClient],
        period_seconds: float,
        clock: Callable[[], float] = time.time,
        live: Callable[[], Iterable[VariantSpec]] = tuple,
        late_seconds: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """live: the realtime variants that serve now. late_seconds: asked for each value of a metric."""
        self._cloudwatch = cloudwatch
        self._period = period_seconds
        self._clock = clock
        self._buckets: dict[_Key, _Bucket] = {}
        self._points: dict[tuple[int, Point], list[float]] = {}
        self._idle = Idle(live, round(IDLE_SECONDS / period_seconds))
        self._late_seconds = late_seconds
        self._pending: list[dict[str, Any]] = []
        self._late: list[tuple[float, dict[str, Any]]] = []  # when it is due, in seconds since the epoch
        self.background = Background("metrics", period_seconds / 2, self.publish)

    def observe(self, variant: RunningVariant, status: int, latency: float, overhead: float) -> None:
        """One answered request: the container's status (0: no answer), and times in seconds."""
        spec, share = variant.spec, 1 / (len(variant.instances) or 1)
        for config in variant.metered_as:
            key = (self._now(), spec.endpoint, spec.variant, config)
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = self._buckets[key] = _Bucket(spec.serverless is not None)
            bucket.count(status, latency, overhead, share)

    def add(self, point: Point, value: float) -> None:
        """One value of a metric that is not of a request's answer."""
        self._points.setdefault((self._now(), point), []).append(value)

    async def publish(self, *, everything: bool = False) -> None:
        """Send the periods that are over (or all); what cannot be sent is kept for the next time."""
        now, held = self._now(), len(self._pending)
        over = [key for key in self._buckets if everything or key[0] < now]
        for key in over:
            self._pending += self._data(*key, self._buckets.pop(key))
        for period, endpoint, variant in self._idle.periods(now, {key[:3] for key in over}):
            self._pending.append(self._datum(period, _invocations(endpoint, variant), [0.0]))
        for period, point in [key for key in self._points if everything or key[0] < now]:
            self._pending.append(self._datum(period, point, self._points.pop((period, point))))
        self._hold_back(held, everything)
        if self._pending:
            await asyncio.to_thread(self._send)

    def _hold_back(self, held: int, everything: bool) -> None:
        """What is new, from `held` on, is due when it is due: each value by itself, so that answers can be partial."""
        now, new = self._clock(), self._pending[held:]
        self._late += [(now + self._late_seconds(), datum) for datum in new]
        self._pending[held:] = [datum for due, datum in self._late if due <= now or everything]
        self._late = [each for each in self._late if each[0] > now and not everything]

    def _now(self) -> int:
        return int(self._clock() // self._period)

    async def close(self) -> None:
        """Send everything, the unfinished period too."""
        await self.background.close()
        await self.publish(everything=True)

    def _send(self) -> None:
        while self._pending:
            batch = self._pending[:MAX_DATA]
            try:
                self._cloudwatch().put_metric_data(Namespace=NAMESPACE, MetricData=batch)  # type: ignore[arg-type]
            except (BotoCoreError, ClientError) as error:
                log.warning("metrics could not be published: %s", error)
                if is_temporary(error):
                    del self._pending[:-MAX_PENDING]
                    return
            del self._pending[: len(batch)]

    def _data(
        self, period: int, endpoint: str, variant: str, config: str | None, bucket: _Bucket
    ) -> Iterator[dict[str, Any]]:
        fleet = () if config is None else (("EndpointConfigName", config),)
        common = self._common(period, (("EndpointName", endpoint), ("VariantName", variant), *fleet))
        for name, unit, values, counts in _metrics(bucket):
            yield {**common, "MetricName": name, "Unit": unit, "Values": values, "Counts": counts}

    def _datum(self, period: int, point: Point, samples: list[float]) -> dict[str, Any]:
        values, counts = summarise(samples)
        common = self._common(period, point.dimensions)
        return {**common, "MetricName": point.name, "Unit": point.unit, "Values": values, "Counts": counts}

    def _common(self, period: int, dimensions: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        return {
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
            "Timestamp": datetime.fromtimestamp(period * self._period, UTC),
            "StorageResolution": 1 if self._period < 60 else 60,
        }


_Datum = tuple[str, str, list[float], list[float]]


def _metrics(bucket: _Bucket) -> Iterator[_Datum]:
    """Name, unit, values, counts of each metric. Every request counts once: errors' Average is their rate."""
    yield "Invocations", "None", [1.0], [float(bucket.invocations)]
    if not bucket.serverless:
        shares, counts = zip(*sorted(bucket.per_instance.items()), strict=True)
        yield "InvocationsPerInstance", "None", list(shares), [float(count) for count in counts]
    for name, errors in _errors(bucket):
        zeros_and_ones = [(0.0, float(bucket.invocations - errors)), (1.0, float(errors))]
        present = [(value, count) for value, count in zeros_and_ones if count]
        yield name, "None", [value for value, _ in present], [count for _, count in present]
    for part in in_parts(bucket.model_latency):
        yield "ModelLatency", "Microseconds", *part
    yield "OverheadLatency", "Microseconds", *summarise(bucket.overhead_latency)


def _errors(bucket: _Bucket) -> Iterator[tuple[str, int]]:
    """ "Any metric not listed below is not published for serverless endpoints", and their page lists these two (Alarms
    and logs for tracking metrics from serverless endpoints).
    """
    if bucket.serverless:
        yield "Invocations4XXErrors", bucket.client_errors
        yield "Invocations5XXErrors", bucket.server_errors
    else:
        yield "Invocation4XXErrors", bucket.client_errors
        yield "Invocation5XXErrors", bucket.server_errors
        yield "InvocationModelErrors", bucket.model_errors


def _invocations(endpoint: str, variant: str) -> Point:
    return Point("Invocations", "None", (("EndpointName", endpoint), ("VariantName", variant)))


def in_parts(samples: Sequence[float]) -> Iterator[tuple[list[float], list[float]]]:
    """The samples in as many data as they need: a percentile rank of them is exact up to MAX_KEPT."""
    values, counts = summarise(samples, MAX_KEPT)
    for start in range(0, len(values), MAX_VALUES):
        yield values[start : start + MAX_VALUES], counts[start : start + MAX_VALUES]


def summarise(samples: Sequence[float], limit: int = MAX_VALUES) -> tuple[list[float], list[float]]:
    """At most `limit` values with counts that keep the count, sum, minimum and maximum of the samples.

    Neighbours in order share their mean: a percentile moves by at most a group, len / (limit - 2) samples.
    """
    ordered = sorted(samples)
    if len(ordered) <= limit:
        return ordered, [1.0] * len(ordered)
    inner = ordered[1:-1]
    edges = [len(inner) * i // (limit - 2) for i in range(limit - 1)]
    groups = [[ordered[0]], *(inner[a:b] for a, b in pairwise(edges)), [ordered[-1]]]
    return [sum(group) / len(group) for group in groups], [float(len(group)) for group in groups]
