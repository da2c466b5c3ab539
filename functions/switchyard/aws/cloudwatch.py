"""Evidence from CloudWatch: requests, server errors and slow answers, a variant and period.

Every CloudWatch period that is old enough to be final is one block a metric; its id is the period's start.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from switchyard.core.evidence import Block
from switchyard.core.pipeline import ASYNC
from switchyard.core.policy import MetricPolicy
from switchyard.core.ports import Watched

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

# Statistics of each metric, by a letter that names them in the query: CloudWatch's metric, and its statistic.
# "InvocationModelErrors: requests which did not result in 2XX HTTP response", timeouts and broken sockets among them;
# what is the client's own fault (4XX) is taken off again.
ERRORS = {
    "n": ("Invocations", "Sum"),
    "e": ("InvocationModelErrors", "Sum"),
    "c": ("Invocation4XXErrors", "Sum"),
}
# "Asynchronous endpoints do not emit Invocations"; SageMaker spells InvocationsProcesssed with three s.
ASYNC_ERRORS = {
    "n": ("InvocationsProcesssed", "Sum"),
    "e": ("InvocationFailures", "Sum"),
    "c": ("Invocation4XXErrors", "Sum"),
}


def latency_statistics(limit_milliseconds: float) -> dict[str, tuple[str, str]]:
    """ModelLatency is in microseconds. "PR(:300) returns the percentage of data points that have a value of 300 or
    less" (CloudWatch statistics definitions): exact counts, where a trimmed count is interpolated.
    """
    limit = f"{limit_milliseconds * 1000:.3f}".rstrip("0").rstrip(".")
    return {"m": ("ModelLatency", "SampleCount"), "r": ("ModelLatency", f"PR(:{limit})")}


class CloudWatchEvidence:
    """Fulfils ports.EvidenceReader for the metrics `errors` and `latency`."""

    def __init__(self, client: "CloudWatchClient", period_seconds: int) -> None:
        self._client = client
        self._period = period_seconds

    def blocks(self, watched: Watched, since: float, until: float, stage: int) -> list[Block]:
        """Whole periods from the one that holds `since` to the last that ended by `until`."""
        start, end = int(since) // self._period * self._period, int(until) // self._period * self._period
        if end <= start:
            return []
        if watched.swapped_at is not None:
            counts = self._after_swap(watched, watched.swapped_at, start, end)
        else:
            both = (0, watched.champion), (1, watched.challenger)
            counts = self._counts(self._queries(watched, *both), start, end)
        return [
            block
            for moment, values in sorted(counts.items())
            for block in _blocks(watched.metrics, moment, values, stage)
        ]

    def _after_swap(
        self, watched: Watched, swapped_at: float, start: int, end: int
    ) -> dict[int, dict[str, float]]:
        """The challenger's periods, each with the champion's that lies as far before the swap."""
        twice = 2 * (int(swapped_at) // self._period * self._period)
        now = self._counts(self._queries(watched, (1, watched.challenger)), start, end)
        then = self._counts(self._queries(watched, (0, watched.champion)), twice - end, twice - start)
        return {
            moment: {**values, **then.get(twice - moment - self._period, {})}
            for moment, values in now.items()
        }

    def _queries(self, watched: Watched, *arms: tuple[int, str]) -> list[dict[str, Any]]:
        return [
            self._query(f"{letter}{arm}", name, statistic, watched.endpoint, variant)
            for arm, variant in arms
            for letter, (name, statistic) in _statistics(watched).items()
        ]

    def _query(
        self, identity: str, metric: str, statistic: str, endpoint: str, variant: str
    ) -> dict[str, Any]:
        dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
        which = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions}
        return {"Id": identity, "MetricStat": {"Metric": which, "Period": self._period, "Stat": statistic}}

    def _counts(self, queries: list[dict[str, Any]], start: int, end: int) -> dict[int, dict[str, float]]:
        pages = self._client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries,  # type: ignore[arg-type]
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(end, UTC),
        )
        counts: dict[int, dict[str, float]] = defaultdict(dict)
        for page in pages:
            for result in page["MetricDataResults"]:
                for moment, value in zip(result["Timestamps"], result["Values"], strict=True):
                    counts[int(moment.timestamp())][result["Id"]] = value
        return counts


def _statistics(watched: Watched) -> dict[str, tuple[str, str]]:
    errors = ASYNC_ERRORS if watched.mode == ASYNC else ERRORS
    wanted = dict(errors) if "errors" in watched.metrics else {}
    if "latency" in watched.metrics:
        wanted |= latency_statistics(watched.metrics["latency"].limit_milliseconds or 0.0)
    return wanted


def _blocks(
    metrics: Mapping[str, MetricPolicy], moment: int, values: Mapping[str, float], stage: int
) -> Iterator[Block]:
    for name, arm in (("errors", _failed), ("latency", _slow)):
        if name in metrics:
            (n0, s0), (n1, s1) = arm(values, 0), arm(values, 1)
            yield Block(name, str(moment), stage, n0, s0, n1, s1)


def _failed(values: Mapping[str, float], arm: int) -> tuple[int, float]:
    """(requests, requests that the model failed)."""
    # An asynchronous request that failed may not have been counted as processed.
    requests = int(max(values.get(f"n{arm}", 0), values.get(f"e{arm}", 0)))
    errors = values.get(f"e{arm}", 0.0) - values.get(f"c{arm}", 0.0)
    return requests, min(max(errors, 0.0), requests)


def _slow(values: Mapping[str, float], arm: int) -> tuple[int, float]:
    """(answers, answers slower than the limit). Without a rank nothing is known, not even how many were answered."""
    rank = values.get(f"r{arm}")
    answers = int(values.get(f"m{arm}", 0)) if rank is not None else 0
    share = 1 - (rank or 0.0) / 100
    return answers, float(min(max(round(answers * share), 0), answers))
