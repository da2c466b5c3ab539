"""GetMetricData over what the endpoint of a world in weather has served: late, some never, and answers in part."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Protocol

from tests.fakes.metrics.cloudwatch import NAMES, PERIOD
from tests.fakes.metrics.traffic import Traffic

REQUESTS = 200_000  # a minute, of the whole endpoint


class Served(Protocol):
    """What of a world its metrics are made of."""

    traffic: Traffic

    @property
    def mode(self) -> str: ...
    @property
    def clock(self) -> Callable[[], float]: ...
    def fails(self, variant: str) -> bool: ...


@dataclass(frozen=True)
class Delays:
    """late: seconds, at most, after the end of a period. never, partial: chances of a value, and of an answer."""

    late: float = 180.0
    never: float = 0.0
    partial: float = 0.05


@dataclass
class LateCloudWatch:
    """The same value is as late whenever it is asked for."""

    served: Served
    delays: Delays
    seed: str
    random: Random = field(default_factory=Random)

    def get_paginator(self, _operation: str) -> "LateCloudWatch":
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """One page. What breaks off lacks the newest half of every metric."""
        start, end = request["StartTime"].timestamp(), request["EndTime"].timestamp()
        state = "Complete"
        if self.random.random() < self.delays.partial:
            state = self.random.choice(("PartialData", "InternalError"))
        yield {
            "MetricDataResults": [
                self._result(each, start, end, state) for each in request["MetricDataQueries"]
            ]
        }

    def _result(self, query: Mapping[str, Any], start: float, end: float, state: str) -> dict[str, Any]:
        metric = query["MetricStat"]["Metric"]
        points = list(self._points(metric["MetricName"], metric["Dimensions"][1]["Value"], start, end))
        points = points if state == "Complete" else points[: len(points) // 2]
        moments = [datetime.fromtimestamp(at, UTC) for at, _ in points]
        return {
            "Id": query["Id"],
            "StatusCode": state,
            "Timestamps": moments,
            "Values": [n for _, n in points],
        }

    def _points(self, name: str, variant: str, start: float, end: float) -> Iterator[tuple[int, float]]:
        count, *errors = NAMES[self.served.mode]
        for at in range(int(start), int(end), PERIOD):
            share = self._share(variant, at)
            if share is None or (not share and name != count) or not self._is_there(name, variant, at):
                continue
            requests = int(REQUESTS * share)
            if name == count:
                yield at, requests
            elif name in errors:
                failed = self.served.fails(variant) and "4XX" not in name
                yield at, requests // 5 if failed else 0

    def _share(self, variant: str, at: int) -> float | None:
        """Of the requests of this period; None where the variant did not serve all of it."""
        seen = [self.served.traffic.at(moment) for moment in (at, at + PERIOD - 1)]
        if any(variant not in weights for weights in seen):
            return None
        return sum(weights[variant] / sum(weights.values()) for weights in seen) / len(seen)

    def _is_there(self, *value: Any) -> bool:
        own = Random(f"{self.seed} {value}")  # noqa: S311
        is_lost, late = own.random() < self.delays.never, own.uniform(0.0, self.delays.late)
        return not is_lost and self.served.clock() >= value[-1] + PERIOD + late
