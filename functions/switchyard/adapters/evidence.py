"""Evidence from CloudWatch: requests and server errors a variant and period.

Every CloudWatch period that is old enough to be final is one block; its id is the period's start.
"""

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from switchyard.domain.evidence import Block

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

# "InvocationModelErrors: requests which did not result in 2XX HTTP response", timeouts and broken sockets among them;
# what is the client's own fault (4XX) is taken off again.
METRICS = {"n": "Invocations", "e": "InvocationModelErrors", "c": "Invocation4XXErrors"}


class CloudWatchEvidence:
    """Fulfils ports.EvidenceReader for the metric `errors`."""

    def __init__(self, client: "CloudWatchClient", period_seconds: int) -> None:
        self._client = client
        self._period = period_seconds

    def blocks(
        self, endpoint: str, champion: str, challenger: str, since: float, until: float, stage: int
    ) -> list[Block]:
        """Whole periods from the one that holds `since` to the last that ended by `until`."""
        start, end = int(since) // self._period * self._period, int(until) // self._period * self._period
        if end <= start:
            return []
        queries = [
            _query(f"{what}{arm}", name, endpoint, variant, self._period)
            for arm, variant in enumerate((champion, challenger))
            for what, name in METRICS.items()
        ]
        counts = self._counts(queries, start, end)
        return [_block(moment, values, stage) for moment, values in sorted(counts.items())]

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


def _query(identity: str, metric: str, endpoint: str, variant: str, period: int) -> dict[str, Any]:
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
    which = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": identity, "MetricStat": {"Metric": which, "Period": period, "Stat": "Sum"}}


def _block(moment: int, values: dict[str, float], stage: int) -> Block:
    (n0, s0), (n1, s1) = _arm(values, 0), _arm(values, 1)
    return Block("errors", str(moment), stage, n0, s0, n1, s1)


def _arm(values: dict[str, float], arm: int) -> tuple[int, float]:
    requests = int(values.get(f"n{arm}", 0))
    errors = values.get(f"e{arm}", 0.0) - values.get(f"c{arm}", 0.0)
    return requests, min(max(errors, 0.0), requests)
