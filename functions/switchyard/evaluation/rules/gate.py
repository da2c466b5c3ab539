"""The offline gate: may this challenger see live requests, by what both models did on the same rows?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from switchyard.core.gate_policy import GATE_METRICS, PROGRAM, GatePolicy
from switchyard.evaluation.rules.class_figures import ClassFigure, class_figures
from switchyard.evaluation.rules.floors import floor_of, lacking
from switchyard.evaluation.rules.measures import Measure, measures_of
from switchyard.evaluation.rules.readings import Reading, read
from switchyard.stats.auc import Auc
from switchyard.stats.intervals import Interval
from switchyard.stats.paired import PairedSums


class GateOutcome(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    FAIL = "fail"
    NOT_ENOUGH_DATA = "not_enough_data"


@dataclass(frozen=True)
class Evaluation:
    """Sums over the whole holdout and over named slices of it; `auc` when the rows fitted and it is exact. classes: as
    people write them, in the order of their index.
    """

    sums: PairedSums
    slices: Mapping[str, PairedSums] = field(default_factory=dict)
    auc: Auc | None = None
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class GateFigure:
    """One metric on one set of rows, as a user reads it (accuracy and AUC upwards, losses downwards).

    metric: the entry of `evaluation.metrics`. harm: challenger worse than champion by this much (negative: better),
    with its interval; margin: accepted harm; floor: what the challenger alone has to reach, with the interval of its
    value. None: not compared. kind: a key of GATE_METRICS. title: with the class or quantile. Figures that an older
    release left have neither.
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
    kind: str = ""
    title: str = ""

    @property
    def label(self) -> str:
        """What people read; the same on all rows and in every slice."""
        return self.title or self.metric

    @property
    def higher_is_better(self) -> bool:
        return GATE_METRICS[self.kind or self.metric].higher_is_better


@dataclass(frozen=True)
class GateVerdict:
    """classes: what the models made of each, where they are known; they decide nothing."""

    outcome: GateOutcome
    reason: str
    rows: int
    figures: tuple[GateFigure, ...]
    classes: tuple[ClassFigure, ...] = ()


def judge_gate(evaluation: Evaluation, policy: GatePolicy) -> GateVerdict:
    """Pass only when every metric does; fail when one fails; otherwise there is not enough data."""
    sums = evaluation.sums
    if sums.invalid:
        share = f"{sums.invalid} of {sums.rows + sums.invalid}"
        return GateVerdict(
            GateOutcome.FAIL,
            f"the challenger gave no usable prediction for {share} rows",
            sums.distinct_rows,
            (),
        )
    if sums.rows < policy.minimum_rows and not sums.resampling.is_repeated:
        reason = f"{sums.rows} holdout rows, at least {policy.minimum_rows} are needed; extend the holdout"
        return GateVerdict(GateOutcome.NOT_ENOUGH_DATA, reason, sums.rows, ())
    measures = measures_of(policy, evaluation.classes)
    figures = [_figure(each, sums, evaluation, policy, exact=evaluation.auc) for each in measures]
    verdict = _overall(figures, _slices(measures, evaluation, policy), sums.distinct_rows)
    reason = f"{verdict.reason}{_how(sums)}"
    return replace(verdict, reason=reason, classes=class_figures(sums, evaluation.classes))


def _how(sums: PairedSums) -> str:
    """What stands behind the figures, where it is no holdout."""
    if not sums.resampling.is_repeated:
        return ""
    folds, repeats = sums.resampling.folds, sums.resampling.repeats
    return f" ({folds}-fold cross-validation, {repeats} times over all {sums.distinct_rows} rows)"


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
    measure: Measure,
    sums: PairedSums,
    evaluation: Evaluation,
    policy: GatePolicy,
    slice_name: str = "",
    exact: Auc | None = None,
) -> GateFigure:
    reading = read(measure, sums, policy.alpha, exact)
    lacks = lacking(measure, sums, evaluation.classes) if not slice_name else ""
    title = f"{measure.title} in {slice_name}" if slice_name else measure.title
    if isinstance(reading, str) or lacks:
        return _unread(measure, sums, slice_name, f"{title}: {lacks or reading}")
    floor = None if slice_name else floor_of(measure, sums)
    margin = _margin(measure, reading, policy, bool(slice_name)) if sums.paired else None
    outcome, reason = _weigh(measure, title, reading, margin, floor, bool(slice_name))
    return GateFigure(
        measure.name,
        sums.distinct_rows,
        outcome,
        reason,
        None if reading.champion is None else _shown(reading.champion, measure.up),
        _shown(reading.challenger, measure.up),
        _flip(reading.interval) if measure.up else reading.interval,
        floor,
        reading.harm if margin is not None else None,
        reading.harm_interval if margin is not None else None,
        margin,
        slice_name,
        measure.kind,
        measure.title,
    )


def _unread(measure: Measure, sums: PairedSums, slice_name: str, reason: str) -> GateFigure:
    """These rows do not tell the metric."""
    nothing, unknown = GateOutcome.NOT_ENOUGH_DATA, (math.nan, math.nan)
    return GateFigure(
        measure.name, sums.distinct_rows, nothing, reason, None, math.nan, unknown, None,
        slice=slice_name, kind=measure.kind, title=measure.title,
    )  # fmt: skip


def _weigh(
    measure: Measure, title: str, reading: Reading, margin: float | None, floor: float | None, is_slice: bool
) -> tuple[GateOutcome, str]:
    """A failure comes before what is not known yet, the floor before the comparison."""
    absolute = _against_floor(measure, title, reading, floor)
    relative = _against_champion(title, reading, margin, is_slice)
    for outcome in (GateOutcome.FAIL, GateOutcome.NOT_ENOUGH_DATA):
        for found in (absolute, relative):
            if found is not None and found[0] is outcome:
                return found
    return relative or (GateOutcome.PASS, f"{title} {_cleared(reading, floor, measure.up)}")


def _against_floor(
    measure: Measure, title: str, reading: Reading, floor: float | None
) -> tuple[GateOutcome, str] | None:
    """None where it is cleared. The trivial predictor is to be beaten, a declared floor to be reached."""
    if floor is None:
        return None
    limit = 1 - floor if measure.up else floor
    low, high = reading.interval
    value = _shown(reading.challenger, measure.up)
    if low > limit:
        return GateOutcome.FAIL, f"{title} {value:.4g} misses the floor {floor:.4g}"
    if high > limit or (measure.gate.floor is None and high == limit):
        return GateOutcome.NOT_ENOUGH_DATA, f"{title} {value:.4g} is too close to the floor {floor:.4g}"
    return None


def _against_champion(
    title: str, reading: Reading, margin: float | None, is_slice: bool
) -> tuple[GateOutcome, str] | None:
    """None without a champion. A whole holdout must show no harm; a slice may stop a model only when the harm clearly
    exceeds its margin.
    """
    if margin is None:
        return None
    low, high = reading.harm_interval
    found = f"{title}: {_compared(reading)}; up to {margin:.4g} worse is accepted"
    if high < margin:
        return GateOutcome.PASS, found
    if low > (margin if is_slice else 0.0):
        return GateOutcome.FAIL, found
    return GateOutcome.NOT_ENOUGH_DATA, found


def _compared(reading: Reading) -> str:
    low, high = reading.harm_interval
    if reading.harm > 0:
        return f"worse by {reading.harm:.4g} ({low:.4g} to {high:.4g})"
    return f"better by {0 - reading.harm:.4g} ({0 - high:.4g} to {0 - low:.4g})"


def _cleared(reading: Reading, floor: float | None, up: bool) -> str:
    if floor is not None:
        return "clears its floor"
    value = _shown(reading.challenger, up)
    return f"{value:.4g}: there is no champion to compare with, and no floor is declared"


def _margin(measure: Measure, reading: Reading, policy: GatePolicy, is_slice: bool) -> float:
    unit = (reading.champion or 0.0) if GATE_METRICS[measure.kind].is_relative else 1.0
    return measure.gate.margin * unit * (policy.slice_margin if is_slice else 1.0)


def _slices(measures: list[Measure], evaluation: Evaluation, policy: GatePolicy) -> list[GateFigure]:
    if not policy.slice_margin or not evaluation.sums.paired:
        return []
    return [
        _figure(measure, sums, evaluation, policy, name)
        for name, sums in sorted(evaluation.slices.items())
        if sums.rows >= 2
        for measure in measures
        if measure.kind != PROGRAM  # its losses have no slices
    ]


def _flip(interval: Interval) -> Interval:
    return 1 - interval[1], 1 - interval[0]


def _shown(loss: float, up: bool) -> float:
    return 1 - loss if up else loss
