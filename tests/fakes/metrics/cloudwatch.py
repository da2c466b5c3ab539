"""CloudWatch's GetMetricData in a dict: series as each type of endpoint publishes them, late and partial answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from switchyard.core.pipeline import ASYNC, REALTIME, SERVERLESS

PERIOD = 60
# "The metrics below are an exhaustive list": the page of each type of endpoint. Async requests are counted under a name
# that its page misspells.
NAMES = {
    REALTIME: ("Invocations", "InvocationModelErrors", "Invocation5XXErrors", "Invocation4XXErrors"),
    SERVERLESS: ("Invocations", None, "Invocations5XXErrors", "Invocations4XXErrors"),
    ASYNC: ("InvocationsProcessed", None, "Invocation5XXErrors", "Invocation4XXErrors"),
}


@dataclass
class FakeCloudWatch:
    """series: (metric, and of ModelLatency its statistic; variant) -> start of a period -> value.

    absent: metrics that never arrive. late: periods of a metric that have not arrived yet. states: StatusCode by
    metric. A page holds `page_size` values of a metric.
    """

    series: dict[tuple[str, str], dict[int, float]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    late: set[tuple[str, int]] = field(default_factory=set)
    states: dict[str, str] = field(default_factory=dict)
    page_size: int = 100
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def put(self, metric: str | None, variant: str, moment: float, value: float) -> None:
        if metric is not None:
            at = int(moment) // PERIOD * PERIOD
            self.series.setdefault((metric, variant), {})[at] = value

    def served(
        self,
        mode: str,
        variant: str,
        moment: float,
        requests: int,
        server_errors: int = 0,
        client_errors: int = 0,
        unanswered: int = 0,
    ) -> None:
        """What one period of one variant leaves. unanswered: no answer came, so there is no status either."""
        count, errors, fives, fours = NAMES[mode]
        self.put(count, variant, moment, requests)
        self.put(errors, variant, moment, server_errors + client_errors + unanswered)
        self.put(fives, variant, moment, server_errors)
        self.put(fours, variant, moment, client_errors)
        if mode == ASYNC and server_errors + client_errors + unanswered:
            self.put("InvocationFailures", variant, moment, server_errors + client_errors + unanswered)

    def idle(self, variant: str, moment: float) -> None:
        """ "A real-time endpoint reports a zero for an interval in which nothing called it." """
        self.put("Invocations", variant, moment, 0)

    def get_paginator(self, _operation: str) -> "FakeCloudWatch":
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(request)
        start, end = request["StartTime"].timestamp(), request["EndTime"].timestamp()
        answers = [(each, self._points(each, start, end)) for each in request["MetricDataQueries"]]
        pages = max(1, *(-(-len(points) // self.page_size) for _, points in answers))
        for page in range(pages):
            results = [self._result(query, points, page, pages) for query, points in answers]
            yield {"MetricDataResults": results}

    def _points(self, query: Mapping[str, Any], start: float, end: float) -> Sequence[tuple[int, float]]:
        metric = query["MetricStat"]["Metric"]
        name, variant = metric["MetricName"], metric["Dimensions"][1]["Value"]
        if name == "ModelLatency":
            name = f"{name} {query['MetricStat']['Stat']}"
        if name in self.absent:
            return []
        found = self.series.get((name, variant), {})
        return [
            (at, value)
            for at, value in sorted(found.items())
            if start <= at < end and (name, at) not in self.late
        ]

    def _result(
        self, query: Mapping[str, Any], points: Sequence[tuple[int, float]], page: int, pages: int
    ) -> dict[str, Any]:
        own = points[page * self.page_size : (page + 1) * self.page_size]
        state = self.states.get(query["MetricStat"]["Metric"]["MetricName"], "Complete")
        is_more = page < pages - 1
        return {
            "Id": query["Id"],
            "StatusCode": "PartialData" if is_more else state,
            "Timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in own],
            "Values": [value for _, value in own],
        }
