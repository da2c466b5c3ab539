"""The rollout as plots over time: traffic, counts, evidence, difference. x is the time since the rollout began."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
from markupsafe import Markup

from cli.report.facts import Shift
from cli.report.looks import Look
from cli.report.style import ARMS, CHALLENGER, DASHES, INK, Rows, horizontal_limits, rows, svg
from switchyard.core.policy import MetricPolicy, RolloutPolicy

FEW = 40  # so many looks are marked one by one
MINUTES, HOURS = 180.0, 3 * 3600.0
METRIC_DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]


@dataclass(frozen=True)
class Axis:
    """One x axis for all plots of a rollout: `end` in seconds, shown in the unit that reads best."""

    end: float
    timed: bool = True

    @property
    def unit(self) -> tuple[float, str]:
        """(seconds in it, its name)."""
        if not self.timed:
            return 1.0, "blocks"
        if self.end <= MINUTES:
            return 1.0, "seconds"
        return (60.0, "minutes") if self.end <= HOURS else (3600.0, "hours")

    def at(self, seconds: float) -> float:
        return max(0.0, seconds) / self.unit[0]

    def x(self) -> alt.X:
        title = f"{self.unit[1]} since the rollout began" if self.timed else "blocks of evidence"
        scale = alt.Scale(domain=[0, self.at(self.end)], nice=False)
        return alt.X("at:Q", title=title, scale=scale)


def share_plot(shifts: Sequence[Shift], axis: Axis, last_share: float) -> Markup:
    """The challenger's share of live requests; `last_share`: what it had in the end, percent."""
    began = shifts[0].at
    values: Rows = [{"at": axis.at(shift.at - began), "share": shift.share} for shift in shifts]
    values.append({"at": axis.at(axis.end), "share": last_share})
    share = alt.Y("share:Q", title="challenger's share, %", scale=alt.Scale(domain=[0, 100]))
    base = alt.Chart(rows(values)).encode(x=axis.x(), y=share)
    area = base.mark_area(interpolate="step-after", color=CHALLENGER, opacity=0.15)
    line = base.mark_line(interpolate="step-after", color=CHALLENGER, strokeWidth=2.5)
    ends = base.mark_point(color=CHALLENGER, filled=True, size=50, opacity=1)
    return svg(area, line, ends)


def counts_plot(looks: Sequence[Look], metric: str, axis: Axis, losses: bool) -> Markup:
    """Requests, or losses, of both arms so far."""
    values: Rows = []
    for look in looks:
        seen = look.metric(metric)
        both = (seen.s0, seen.s1) if losses else (seen.n0, seen.n1)
        arms = zip(("champion", "challenger"), both, strict=True)
        values += [{"at": axis.at(look.at), "arm": arm, "count": count} for arm, count in arms]
    most = 1.05 * max(1.0, *(row["count"] for row in values))
    title = f"{metric} so far" if losses else "requests so far"
    whole = alt.Axis(tickMinStep=1, format="~s")
    chart = (
        alt.Chart(rows(values))
        .mark_line(strokeWidth=2.5, interpolate="step-after", clip=True)
        .encode(
            x=axis.x(),
            y=alt.Y("count:Q", title=title, scale=alt.Scale(domain=[0, most]), axis=whole),
            color=alt.Color("arm:N", scale=ARMS),
            strokeDash=alt.StrokeDash("arm:N", scale=DASHES),
        )
    )
    return svg(chart)


def evidence_plot(looks: Sequence[Look], policy: RolloutPolicy, axis: Axis, promote: bool) -> Markup:
    """Log e-values of every metric against what a verdict needs; for promotion also what each step needs."""
    values: Rows = []
    for look in looks:
        for metric in look.verdict.metrics:
            wealth = metric.log_e_promote if promote else metric.log_e_rollback
            values.append({"at": axis.at(look.at), "metric": metric.name, "log_e": wealth})
        if not promote and len(policy.metrics) > 1:
            mean = "mean of all"
            values.append({"at": axis.at(look.at), "metric": mean, "log_e": look.mean_rollback})
    threshold = -math.log(policy.alpha)
    lowest, highest = min(v["log_e"] for v in values), max(v["log_e"] for v in values)
    room = 0.12 * (max(highest, threshold) - min(lowest, 0.0))
    domain = [max(min(lowest, 0.0) - room, -2 * threshold), max(highest, threshold) + room]
    names = list(dict.fromkeys(v["metric"] for v in values))
    log_e = alt.Y("log_e:Q", title="log e-value", scale=alt.Scale(domain=domain, nice=False))
    dashes = alt.Scale(domain=names, range=[METRIC_DASHES[i % len(METRIC_DASHES)] for i in range(len(names))])
    legend = None if len(names) == 1 else alt.Legend(symbolStrokeColor=INK)
    lines = (
        alt.Chart(rows(values))
        .mark_line(strokeWidth=2.5, color=CHALLENGER, clip=True, point=_dots(len(looks)))
        .encode(x=axis.x(), y=log_e, strokeDash=alt.StrokeDash("metric:N", scale=dashes, legend=legend))
    )
    marks = _promotion_marks(policy, threshold) if promote else [{"at": threshold, "label": "roll back"}]
    return svg(*horizontal_limits(marks), lines)


def _dots(count: int) -> alt.OverlayMarkDef | bool:
    return alt.OverlayMarkDef(color=CHALLENGER, size=30) if count <= FEW else False


def _promotion_marks(policy: RolloutPolicy, threshold: float) -> Rows:
    """The evidence that each next step asks for: (1/alpha)^(k/moves), the rule's own law."""
    moves = len(policy.steps)
    marks: Rows = [
        {"at": threshold * step / moves, "label": f"{policy.steps[step]} %"} for step in range(1, moves)
    ]
    return [*marks, {"at": threshold, "label": "promote"}]


def difference_plot(looks: Sequence[Look], metric: str, policy: MetricPolicy, axis: Axis) -> Markup | None:
    """Interval of challenger minus champion, over time, with the margin."""
    values: Rows = []
    for look in looks:
        seen = look.metric(metric)
        if look.has_intervals and seen.n0 and seen.n1:
            found = seen.s1 / seen.n1 - seen.s0 / seen.n0
            values.append({"at": axis.at(look.at), "low": seen.lower, "high": seen.upper, "found": found})
    if not values:
        return None
    domain = _around(values, policy.margin)
    scale, percent = alt.Scale(domain=domain, nice=False), alt.Axis(format="~%")
    base = alt.Chart(rows(values)).encode(x=axis.x())
    title = "challenger minus champion"
    # An area of one look has no width.
    area = base.mark_area(color=CHALLENGER, opacity=0.25, clip=True)
    span = (
        area if len(values) > 1 else base.mark_rule(color=CHALLENGER, opacity=0.25, strokeWidth=8, clip=True)
    )
    band = span.encode(y=alt.Y("low:Q", title=title, scale=scale, axis=percent), y2="high:Q")
    line = base.mark_line(color=CHALLENGER, strokeWidth=2.5, clip=True, point=_dots(len(values))).encode(
        y="found:Q"
    )
    zero = alt.Chart(rows([{"y": 0}])).mark_rule(color=INK).encode(y="y:Q")
    margin = horizontal_limits([{"at": policy.margin, "label": "accepted margin"}])
    return svg(band, zero, *margin, line)


def _around(values: Rows, margin: float) -> list[float]:
    """A range that shows margin and the last interval; the first intervals are wide and may run out of it."""
    last = values[-1]
    low = min(-2 * margin, 1.25 * last["low"], 1.25 * last["found"])
    high = max(2 * margin, 1.25 * last["high"], 1.25 * last["found"])
    return [max(low, -1.0), min(high, 1.0)]
