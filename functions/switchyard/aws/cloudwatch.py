"""Evidence from CloudWatch: requests, server errors and slow answers, a variant and period.

Every CloudWatch period that is old enough to be final is one block a metric; its id is the period's start.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from switchyard.aws.endpoint_metrics import (
    ABSENT,
    NEIGHBOURS,
    Arm,
    error_statistics,
    failed,
    latency_statistics,
    slow,
)
from switchyard.core.errors import EvidenceUnavailableError
from switchyard.core.evidence import Block, Reading, Unknown
from switchyard.core.ports import Watched

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

COMPLETE, FORBIDDEN = "Complete", "Forbidden"

# Start of a period -> name in the query -> value.
Counts = Mapping[int, Mapping[str, float]]


class CloudWatchEvidence:
    """Fulfils ports.EvidenceReader for the metrics `errors` and `latency`."""

    def __init__(self, client: "CloudWatchClient", period_seconds: int) -> None:
        self._client = client
        self._period = period_seconds

    def read(
        self, watched: Watched, since: float, until: float, stage: int, patience: float = 0.0
    ) -> Reading:
        """Whole periods from the one that holds `since` to the last that ended by `until`."""
        start, end = self._start(since), self._start(until)
        settled = max(start, self._start(end - patience))
        if end <= start:
            return Reading((), (), settled)
        if watched.swapped_at is not None:
            counts = self._after_swap(watched, watched.swapped_at, start, end)
        else:
            arms = [(arm, name) for arm, name in enumerate((watched.champion, watched.challenger)) if name]
            counts = self._counts(self._queries(watched, *arms), start, end)
        return _Reader(watched, counts, stage, self._period, settled).reading()

    def _after_swap(self, watched: Watched, swapped_at: float, start: int, end: int) -> Counts:
        """The challenger's periods, each with the champion's that lies as far before the swap was asked for."""
        alone_until = swapped_at if watched.alone_until is None else watched.alone_until
        both = self._start(swapped_at) + self._start(min(alone_until, swapped_at))
        now = self._counts(self._queries(watched, (1, watched.challenger)), start, end)
        then = self._counts(self._queries(watched, (0, watched.champion)), both - end, both - start)
        mirrored = {both - moment - self._period: values for moment, values in then.items()}
        return {moment: {**now.get(moment, {}), **mirrored.get(moment, {})} for moment in {*now, *mirrored}}

    def _start(self, moment: float) -> int:
        """Of the period that holds it."""
        return int(moment) // self._period * self._period

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

    def _counts(self, queries: list[dict[str, Any]], start: int, end: int) -> Counts:
        """Of two spellings of the same metric the larger value. Raises EvidenceUnavailableError for anything but whole
        answers: what is missing in them would be booked as zero for ever.
        """
        pages = self._client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries,  # type: ignore[arg-type]
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(end, UTC),
        )
        counts: dict[int, dict[str, float]] = defaultdict(dict)
        states: dict[str, str] = {}
        for page in pages:
            for result in page["MetricDataResults"]:
                states[result["Id"]] = result.get("StatusCode", COMPLETE)
                name = result["Id"][0] + result["Id"][-1]
                for moment, value in zip(result["Timestamps"], result["Values"], strict=True):
                    known = counts[int(moment.timestamp())]
                    known[name] = max(value, known.get(name, value))
        _refuse_partial(states)
        return counts


def _refuse_partial(states: Mapping[str, str]) -> None:
    """The status of the last page of a metric is that of its whole answer: "PartialData: [...] use the NextToken value
    [...] to get more data points" (GetMetricData).
    """
    bad = sorted({state for state in states.values() if state != COMPLETE})
    if FORBIDDEN in bad:
        raise EvidenceUnavailableError(
            "CloudWatch answered Forbidden: the role of JudgeWindow may not read metrics of AWS/SageMaker; "
            "allow it cloudwatch:GetMetricData"
        )
    if bad:
        raise EvidenceUnavailableError(f"CloudWatch answered {' and '.join(bad)} instead of whole metrics")


def _statistics(watched: Watched) -> dict[str, tuple[str, str]]:
    wanted = error_statistics(watched.mode) if "errors" in watched.metrics else {}
    if "latency" in watched.metrics:
        wanted |= latency_statistics(watched.metrics["latency"].limit_milliseconds or 0.0)
    return wanted


class _Reader:
    """Makes a reading of counts. settled: periods before this moment are complete, as far as they ever will be."""

    def __init__(self, watched: Watched, counts: Counts, stage: int, period: int, settled: int) -> None:
        self._watched, self._counts, self._stage = watched, counts, stage
        self._period, self._settled = period, settled

    def reading(self) -> Reading:
        moments = [(moment, moment < self._settled) for moment in sorted(self._counts)]
        found = [each for moment, is_settled in moments for each in self._of_period(moment, is_settled)]
        blocks = tuple(each for each in found if isinstance(each, Block))
        return Reading(blocks, tuple(each for each in found if isinstance(each, Unknown)), self._settled)

    def _of_period(self, moment: int, is_settled: bool) -> Iterator[Block | Unknown]:
        """A block a metric, or what is missing for one in the end; nothing of a period in which nobody was asked."""
        for name in [each for each in ("errors", "latency") if each in self._watched.metrics]:
            old, new = (self._arm(name, arm, moment, is_settled) for arm in (0, 1))
            if old.is_known and new.is_known:
                if new.requests or (old.requests and self._watched.swapped_at is None):
                    counts = old.requests, old.losses, new.requests, new.losses
                    yield Block(name, str(moment), self._stage, *counts)
            elif is_settled:
                yield Unknown(name, str(moment), old.unknown or 0, new.unknown or 0)

    def _arm(self, name: str, arm: int, moment: int, is_settled: bool) -> Arm:
        if arm == 1 and not self._watched.challenger:
            return Arm()
        is_settled = is_settled or (arm == 0 and self._watched.swapped_at is not None)  # that is long past
        values = self._values(moment, arm)
        found = slow(values) if name == "latency" else self._failed(values, moment, arm, is_settled)
        return Arm() if found == ABSENT and is_settled else found

    def _failed(self, values: Mapping[str, float], moment: int, arm: int, is_settled: bool) -> Arm:
        reach = range(-NEIGHBOURS, NEIGHBOURS + 1)
        near = [self._values(moment + step * self._period, arm) for step in reach]
        return failed(values, self._watched.mode, is_settled, [letter for each in near for letter in each])

    def _values(self, moment: int, arm: int) -> dict[str, float]:
        values = self._counts.get(moment, {})
        return {name[0]: value for name, value in values.items() if name[-1] == str(arm)}
