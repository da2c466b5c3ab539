"""The offline gate: may this challenger see live requests, by what both models did on the same rows?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from switchyard.core.policy import HIGHER_IS_BETTER, GateMetric, GatePolicy, Problem
from switchyard.stats import auc, intervals, normal
from switchyard.stats.auc import Auc
from switchyard.stats.intervals import Interval
from switchyard.stats.paired import PairedSums


class GateOutcome(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    FAIL = "fail"
    NOT_ENOUGH_DATA = "not_enough_data"


@dataclass(frozen=True)
class Evaluation:
    """Sums over the whole holdout and over named slices of it; `auc` when the rows fitted and it is exact."""

    sums: PairedSums
    slices: Mapping[str, PairedSums] = field(default_factory=dict)
    auc: Auc | None = None


@dataclass(frozen=True)
class GateFigure:
    """One metric on one set of rows, as a user reads it (accuracy and AUC upwards, losses downwards).

    harm: challenger worse than champion by this much (negative: better), with its interval; margin: accepted
    harm; floor: what the challenger alone has to reach, with the interval of its value. None: not compared.
    """

    metric: str
    rows: int
    outcome: GateOutcome
    reason: str
    champion: float | None
    challenger: float
    interval: Interval
    floor: float | None
    harm: float | None = None
    harm_interval: Interval | None = None
    margin: float | None = None
    slice: str = ""


@dataclass(frozen=True)
class GateVerdict:
    outcome: GateOutcome
    reason: str
    rows: int
    figures: tuple[GateFigure, ...]


@dataclass(frozen=True)
class _Reading:
    """Values and intervals of one metric, as losses (lower is better)."""

    champion: float | None
    challenger: float
    interval: Interval
    harm: float
    harm_interval: Interval


def judge_gate(evaluation: Evaluation, policy: GatePolicy) -> GateVerdict:
    """Pass only when every metric does; fail when one fails; otherwise there is not enough data."""
    sums = evaluation.sums
    if sums.invalid:
        share = f"{sums.invalid} of {sums.rows + sums.invalid}"
        return GateVerdict(
            GateOutcome.FAIL, f"the challenger gave no usable prediction for {share} rows", sums.rows, ()
        )
    if sums.rows < policy.minimum_rows:
        reason = f"{sums.rows} holdout rows, at least {policy.minimum_rows} are needed; extend the holdout"
        return GateVerdict(GateOutcome.NOT_ENOUGH_DATA, reason, sums.rows, ())
    figures = [
        _figure(name, sums, gate, policy, exact=evaluation.auc) for name, gate in policy.metrics.items()
    ]
    slices = _slices(evaluation, policy)
    return _overall(figures, slices, sums.rows)


def _overall(figures: list[GateFigure], slices: list[GateFigure], rows: int) -> GateVerdict:
    everything = tuple(figures + slices)
    # A slice can only stop a model: too few rows in one are no reason to hold back all the others.
    failed = [f for f in everything if f.outcome is GateOutcome.FAIL]
    unclear = [f for f in figures if f.outcome is GateOutcome.NOT_ENOUGH_DATA]
    for outcome, found in ((GateOutcome.FAIL, failed), (GateOutcome.NOT_ENOUGH_DATA, unclear)):
        if found:
            return GateVerdict(outcome, "; ".join(f.reason for f in found), rows, everything)
    return GateVerdict(GateOutcome.PASS, "; ".join(f.reason for f in figures), rows, everything)


def _figure(
    name: str,
    sums: PairedSums,
    gate: GateMetric,
    policy: GatePolicy,
    slice_name: str = "",
    exact: Auc | None = None,
) -> GateFigure:
    if name == "auc":
        reading = _auc_reading(exact or auc.from_counts(sums.scores), policy.alpha)
    else:
        reading = _loss_reading(name, sums, policy.alpha)
    title = f"{name} in {slice_name}" if slice_name else name
    lacking = _lacking(sums, gate) if not slice_name else ""
    if reading is None or lacking:
        reason = f"{title}: {lacking or 'needs rows of both classes'}"
        return GateFigure(
            name, sums.rows, GateOutcome.NOT_ENOUGH_DATA, reason, None, math.nan, (math.nan, math.nan), None,
            slice=slice_name,
        )  # fmt: skip
    up = name in HIGHER_IS_BETTER
    floor = None if slice_name else _floor(name, sums, gate)
    margin = _margin(gate, reading, policy, bool(slice_name)) if sums.paired else None
    outcome, reason = _weigh(title, reading, margin, floor, up, bool(slice_name))
    show = _flip if up else lambda interval: interval
    return GateFigure(
        name,
        sums.rows,
        outcome,
        reason,
        _shown(reading.champion, up),
        1 - reading.challenger if up else reading.challenger,
        show(reading.interval),
        floor,
        reading.harm if margin is not None else None,
        reading.harm_interval if margin is not None else None,
        margin,
        slice_name,
    )


def _lacking(sums: PairedSums, gate: GateMetric) -> str:
    """Why the trivial predictor is no floor: of rows of one class alone it is always right."""
    if gate.floor is not None or sums.problem == Problem.REGRESSION or len(sums.classes) > 1:
        return ""
    return f"all holdout rows are of class {', '.join(sums.classes)}; replace the holdout with one of every class"


def _loss_reading(name: str, sums: PairedSums, alpha: float) -> _Reading | None:
    pair = sums.metrics[name]
    if not pair.challenger.n:
        return None
    zero_one = name == "accuracy"
    harm = pair.difference
    between = intervals.paired_interval if zero_one else intervals.mean_interval
    return _Reading(
        pair.champion.mean if pair.champion.n else None,
        pair.challenger.mean,
        intervals.mean_interval(pair.challenger, alpha),
        harm.mean,
        between(harm, alpha) if harm.n else (0.0, 0.0),
    )


def _auc_reading(found: Auc | None, alpha: float) -> _Reading | None:
    if found is None:
        return None
    z = normal.quantile(1 - alpha)
    alone, between = z * found.challenger_error + found.hidden, z * found.error + 2 * found.hidden
    loss = 1 - found.challenger
    return _Reading(
        None if found.champion is None else 1 - found.champion,
        loss,
        (loss - alone, loss + alone),
        -found.difference,
        (-found.difference - between, -found.difference + between),
    )


def _weigh(
    title: str, reading: _Reading, margin: float | None, floor: float | None, up: bool, is_slice: bool
) -> tuple[GateOutcome, str]:
    if floor is not None:
        limit = 1 - floor if up else floor
        low, high = reading.interval
        value = 1 - reading.challenger if up else reading.challenger
        if low > limit:
            return GateOutcome.FAIL, f"{title} {value:.4g} misses the floor {floor:.4g}"
        if high > limit:
            return GateOutcome.NOT_ENOUGH_DATA, f"{title} {value:.4g} is too close to the floor {floor:.4g}"
    if margin is None:
        return GateOutcome.PASS, f"{title} clears its floor"
    low, high = reading.harm_interval
    found = f"{title}: {_compared(reading)}; up to {margin:.4g} worse is accepted"
    if high < margin:
        return GateOutcome.PASS, found
    # A whole holdout must show no harm; a slice may stop a model only when the harm clearly exceeds its
    # margin.
    if low > (margin if is_slice else 0.0):
        return GateOutcome.FAIL, found
    return GateOutcome.NOT_ENOUGH_DATA, found


def _compared(reading: _Reading) -> str:
    low, high = reading.harm_interval
    if reading.harm > 0:
        return f"worse by {reading.harm:.4g} ({low:.4g} to {high:.4g})"
    return f"better by {0 - reading.harm:.4g} ({0 - high:.4g} to {0 - low:.4g})"


def _margin(gate: GateMetric, reading: _Reading, policy: GatePolicy, is_slice: bool) -> float:
    unit = (reading.champion or 0.0) if policy.problem is Problem.REGRESSION else 1.0
    return gate.margin * unit * (policy.slice_margin if is_slice else 1.0)


def _floor(name: str, sums: PairedSums, gate: GateMetric) -> float:
    """What the challenger alone must reach: declared, or what the trivial predictor reaches on these rows."""
    if gate.floor is not None:
        return gate.floor
    shares = [count / sums.rows for count in sums.classes.values()]
    trivial = {
        "accuracy": lambda: max(shares),
        "log_loss": lambda: -math.fsum(p * math.log(p) for p in shares),
        "brier": lambda: sums.target.mean * (1 - sums.target.mean),
        "auc": lambda: 0.5,
        "squared_error": lambda: sums.target.variance,
        # E|y - median| <= standard deviation: the loosest trivial predictor that sums can tell.
        "absolute_error": lambda: math.sqrt(sums.target.variance),
    }
    return trivial[name]()


def _slices(evaluation: Evaluation, policy: GatePolicy) -> list[GateFigure]:
    if not policy.slice_margin or not evaluation.sums.paired:
        return []
    return [
        _figure(metric, sums, gate, policy, name)
        for name, sums in sorted(evaluation.slices.items())
        if sums.rows >= 2
        for metric, gate in policy.metrics.items()
    ]


def _flip(interval: Interval) -> Interval:
    return 1 - interval[1], 1 - interval[0]


def _shown(loss: float | None, up: bool) -> float | None:
    return 1 - loss if up and loss is not None else loss
