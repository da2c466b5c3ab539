"""The rollout's part of the page: figures and plots from the stored blocks, or the recorded figures without them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from markupsafe import Markup

from cli.report.facts import Facts
from cli.report.looks import Look, is_timed, look_back
from cli.report.rollout_plots import Axis, counts_plot, difference_plot, evidence_plot, share_plot
from switchyard.core.policy import RolloutPolicy
from switchyard.core.run import RunState
from switchyard.rollout.rules.verdict import MetricVerdict

SAME = 1e-6  # of a log e-value: floats that went through JSON and another order of adding


@dataclass(frozen=True)
class Plot:
    title: str
    said: str
    picture: Markup


@dataclass(frozen=True)
class RolloutView:
    """metrics: as they were decided on. threshold: log e-value of a verdict, None without the policy.

    note: what the reader has to know, or "". source: where baseline and correlation come from. limits: milliseconds
    above which a request loses, by metric.
    """

    metrics: tuple[MetricVerdict, ...]
    margins: Mapping[str, float]
    threshold: float | None
    plots: tuple[Plot, ...]
    note: str = ""
    source: str = ""
    limits: Mapping[str, float | None] = field(default_factory=dict)


def rollout_view(facts: Facts) -> RolloutView | None:
    """None when nothing live was ever compared."""
    if not facts.was_compared:
        return None
    policy = facts.policy
    recorded = _recorded(facts.last_look)
    looks = look_back(facts.blocks, policy, facts.shifts[0].at) if policy else []
    metrics = recorded or (looks[-1].verdict.metrics if looks else ())
    margins = {name: metric.margin for name, metric in policy.metrics.items()} if policy else {}
    plots = _plots(facts, looks, policy)
    threshold = -math.log(policy.alpha) if policy else None
    limits = {name: metric.limit_milliseconds for name, metric in policy.metrics.items()} if policy else {}
    note = _note(facts, looks, recorded)
    return RolloutView(metrics, margins, threshold, plots, note, facts.policy_source, limits)


def _note(facts: Facts, looks: Sequence[Look], recorded: tuple[MetricVerdict, ...]) -> str:
    if not looks:
        if not facts.last_look:
            return "No evidence was collected before the run ended."
        gone = "blocks of evidence" if facts.pipeline else "pipeline"
        return f"The {gone} of this run cannot be found any more: these are the figures of the last look."
    again = {metric.name: metric for metric in looks[-1].verdict.metrics}
    for metric in recorded:
        same = again.get(metric.name)
        if same is None or not _agree(metric, same):
            return f"{metric.name}: the plots, made from the stored blocks, differ from what was decided on."
    return ""


def _agree(recorded: MetricVerdict, again: MetricVerdict) -> bool:
    return (
        abs(recorded.log_e_promote - again.log_e_promote) < SAME
        and abs(recorded.log_e_rollback - again.log_e_rollback) < SAME
    )


def _recorded(last_look: Mapping[str, Any]) -> tuple[MetricVerdict, ...]:
    names = [each.name for each in fields(MetricVerdict)]
    return tuple(MetricVerdict(*(metric[name] for name in names)) for metric in last_look.get("metrics", []))


def _plots(facts: Facts, looks: Sequence[Look], policy: RolloutPolicy | None) -> tuple[Plot, ...]:
    axis, time = _axes(facts, looks)
    plots = []
    if facts.way == "split":
        share = share_plot(facts.shifts, time, _last_share(facts))
        plots.append(Plot("Traffic", "Share of live requests that the challenger answered.", share))
    if not looks or not policy:
        return tuple(plots)
    first, counted = next(iter(policy.metrics)), "Rows" if facts.way == "rows" else "Requests"
    plots.append(Plot(counted, "Counted so far, by model.", counts_plot(looks, first, axis, losses=False)))
    better = evidence_plot(looks, policy, axis, promote=True)
    worse = evidence_plot(looks, policy, axis, promote=False)
    plots.append(Plot("Evidence that it does no harm", PROMOTION if facts.way == "split" else KEPT, better))
    plots.append(Plot("Evidence that it is worse", ROLLBACK if len(policy.metrics) == 1 else MEAN, worse))
    for name, metric in policy.metrics.items():
        plots.append(Plot(f"{name}: losses", "Sum so far.", counts_plot(looks, name, axis, losses=True)))
        difference = difference_plot(looks, name, metric, axis)
        if difference:
            plots.append(Plot(f"{name}: difference", DIFFERENCE, difference))
    return tuple(plots)


PROMOTION = (
    "Grows when harm beyond the margin becomes unlikely. Each line that is crossed lets the challenger have that "
    "share; every metric has to cross the last one to be promoted."
)
KEPT = "Grows when harm beyond the margin becomes unlikely; every metric has to cross the last line to be promoted."
ROLLBACK = (
    "Grows when the challenger is worse than the champion. Above the line the champion gets everything back."
)
MEAN = "Grows when the challenger is worse. The champion gets everything back when the mean of all metrics is above."
DIFFERENCE = (
    "Rate of the challenger minus rate of the champion, with the interval that holds at all looks together. "
    "Below 0 the challenger is better."
)


def _axes(facts: Facts, looks: Sequence[Look]) -> tuple[Axis, Axis]:
    """(axis of what blocks say, axis of traffic): the same one when blocks carry their time."""
    began = facts.shifts[0].at
    ends = [shift.at for shift in facts.shifts] + [float(facts.last_look.get("at", began))]
    timed = is_timed(facts.blocks)
    time = Axis(max([*(end - began for end in ends), *(look.at for look in looks if timed)]) + 1.0)
    return (time, time) if timed or not looks else (Axis(looks[-1].at, timed=False), time)


def _last_share(facts: Facts) -> float:
    """What the challenger had when the rollout was over."""
    if facts.state is RunState.PROMOTED:
        return 100.0
    return facts.shifts[-1].share if not facts.state.is_terminal else 0.0
