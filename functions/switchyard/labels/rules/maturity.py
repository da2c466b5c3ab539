"""From served requests to blocks: labels at a fixed age, latency as exceedance of a limit.

Errors are often confirmed later than successes (a fraud is claimed after weeks, a good payment never is). Whoever
counts labels as they arrive then promotes a harmful challenger, whatever the statistics. Here a request counts when it
has reached one fixed age: with its label, or as a missing one, and missing labels are a metric of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from switchyard.core.evidence import Block
from switchyard.core.metrics import missing_metric


@dataclass(frozen=True, slots=True)
class Served:
    """One answered request. at, labelled_at: seconds since the epoch; loss: in [0, 1], None without a label."""

    at: float
    challenger: bool
    stage: int
    loss: float | None = None
    labelled_at: float | None = None


@dataclass
class _Counts:
    """Of one period and step, by arm: requests with a label, their losses, requests without one."""

    labelled: list[int] = field(default_factory=lambda: [0, 0])
    losses: list[float] = field(default_factory=lambda: [0.0, 0.0])
    missing: list[int] = field(default_factory=lambda: [0, 0])

    def add(self, request: Served, age: float) -> None:
        arm = int(request.challenger)
        in_time = request.labelled_at is not None and request.labelled_at <= request.at + age
        if in_time and request.loss is not None:
            self.labelled[arm] += 1
            self.losses[arm] += request.loss
        else:
            self.missing[arm] += 1


def mature_blocks(
    metric: str, served: Iterable[Served], now: float, maturity_seconds: float, period_seconds: float
) -> list[Block]:
    """Two blocks a period, `metric` and `missing_metric(metric)`, of the periods that no label can change any more.

    Requests are counted as they come and not kept: there may be millions.
    """
    periods: dict[tuple[int, int], _Counts] = {}
    for request in served:
        start = int(request.at // period_seconds * period_seconds)
        if start + period_seconds + maturity_seconds <= now:
            periods.setdefault((start, request.stage), _Counts()).add(request, maturity_seconds)
    return [
        block
        for (start, stage), counts in sorted(periods.items())
        for block in _blocks(metric, f"{start}/{stage}", stage, counts)
    ]


def _blocks(metric: str, name: str, stage: int, counts: _Counts) -> list[Block]:
    labelled, losses, missing = counts.labelled, counts.losses, counts.missing
    served = [labelled[arm] + missing[arm] for arm in (0, 1)]
    return [
        Block(metric, name, stage, labelled[0], losses[0], labelled[1], losses[1]),
        Block(missing_metric(metric), name, stage, served[0], missing[0], served[1], missing[1]),
    ]


def exceedances(latencies: Iterable[float], limit_milliseconds: float) -> tuple[int, int]:
    """(requests, requests slower than the limit): a 0/1 loss, where percentiles of a small arm would be biased."""
    slower = [latency > limit_milliseconds for latency in latencies]
    return len(slower), sum(slower)
