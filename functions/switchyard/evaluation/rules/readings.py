"""Each metric of the gate read off the sums, as a loss: value of both models, and how sure the difference is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from switchyard.evaluation.rules.measures import Measure
from switchyard.stats import auc, calibration, confusion, delta, intervals, normal
from switchyard.stats.auc import Auc
from switchyard.stats.compared import Compared
from switchyard.stats.confusion import Figure, mean_cost, mean_of_classes
from switchyard.stats.intervals import Interval
from switchyard.stats.losses import quantile_name
from switchyard.stats.paired import PERCENTAGE, PairedSums

BOTH_CLASSES = "needs rows of both classes"


@dataclass(frozen=True)
class Reading:
    """Values and intervals of one metric, as losses (lower is better); champion: None without one."""

    champion: float | None
    challenger: float
    interval: Interval
    harm: float
    harm_interval: Interval


Read = Callable[[Measure, PairedSums, float], "Reading | str"]


def read(measure: Measure, sums: PairedSums, alpha: float, exact: Auc | None = None) -> Reading | str:
    """Or why these rows do not tell it. exact: the area of two classes, where it is known from the rows themselves."""
    if measure.kind == "auc" and exact is not None:
        return _area(exact, _reach(sums, alpha))
    return _READERS[measure.kind](measure, sums, alpha)


def _mean_loss(measure: Measure, sums: PairedSums, alpha: float, kept: str = "") -> Reading | str:
    pair = sums.metrics.get(kept or measure.kind)
    if pair is None or not pair.challenger.n:
        return "no row was scored"
    harm, widening = pair.difference, sums.resampling.widening
    between = intervals.paired_interval if measure.kind == "accuracy" else intervals.mean_interval
    return Reading(
        pair.champion.mean if pair.champion.n else None,
        pair.challenger.mean,
        intervals.mean_interval(pair.challenger, alpha, widening),
        harm.mean,
        between(harm, alpha, widening) if harm.n else (0.0, 0.0),
    )


def _quantile(measure: Measure, sums: PairedSums, alpha: float) -> Reading | str:
    return _mean_loss(measure, sums, alpha, quantile_name(measure.gate.quantile or 0.0))


def _mape(measure: Measure, sums: PairedSums, alpha: float) -> Reading | str:
    pair = sums.metrics.get(PERCENTAGE)
    without = sums.rows - (pair.challenger.n if pair else 0)
    if without:
        return (
            f"{without} of {sums.rows} rows have a target of 0, of which no error is a percentage; use wape"
        )
    return _mean_loss(measure, sums, alpha, PERCENTAGE)


def _wape(_measure: Measure, sums: PairedSums, alpha: float) -> Reading | str:
    found = delta.ratio(sums.sizes)
    return "every target is 0; use absolute_error" if found is None else _around(found, _reach(sums, alpha))


def _rmse(_measure: Measure, sums: PairedSums, alpha: float) -> Reading | str:
    pair = sums.metrics.get("squared_error")
    return (
        _around(delta.root(pair), _reach(sums, alpha)) if pair and pair.challenger.n else "no row was scored"
    )


def _calibration(_measure: Measure, sums: PairedSums, alpha: float) -> Reading | str:
    found = calibration.compare(sums.calibration)
    return "no row was scored" if found is None else _around(found, _reach(sums, alpha))


def _cost(measure: Measure, sums: PairedSums, alpha: float) -> Reading | str:
    if not sums.classes:
        return "no row was scored"
    found = confusion.compare(sums.confusion, mean_cost(measure.costs), sums.resampling.repeats)
    return _around(found, _reach(sums, alpha))


def _labels(figure: Figure, measure: Measure, sums: PairedSums, alpha: float) -> Reading | str:
    """Of one class, or the mean of all that have rows."""
    chosen = sorted(map(int, sums.classes)) if measure.chosen is None else [measure.chosen]
    if not chosen or not all(sums.classes.get(str(index)) for index in chosen):
        return "no row is of that class"
    found = confusion.compare(sums.confusion, mean_of_classes(figure, chosen), sums.resampling.repeats)
    return _within(_around(found, _reach(sums, alpha), up=True))


def _areas(measure: Measure, sums: PairedSums, alpha: float) -> Reading | str:
    if sums.problem == "binary":
        found = auc.from_counts(sums.scores)
        return _area(found, _reach(sums, alpha)) if found else BOTH_CLASSES
    wanted = sums.areas if measure.chosen is None else {str(measure.chosen): sums.areas[str(measure.chosen)]}
    areas = [auc.from_counts(counts) for counts in wanted.values()]
    known = [area for area in areas if area is not None]
    if not known or len(known) < len(areas):
        return f"needs rows of {'every class' if measure.chosen is None else 'that class and of others'}"
    return _area(auc.mean_of(known), _reach(sums, alpha))


def _reach(sums: PairedSums, alpha: float) -> float:
    """How many standard errors of independent rows an interval reaches to each side."""
    return normal.quantile(1 - alpha) * sums.resampling.widening


def _area(found: Auc, z: float) -> Reading:
    alone, between = z * found.challenger_error + found.hidden, z * found.error + 2 * found.hidden
    loss = 1 - found.challenger
    return Reading(
        None if found.champion is None else 1 - found.champion,
        loss,
        (loss - alone, loss + alone),
        -found.difference,
        (-found.difference - between, -found.difference + between),
    )


def _around(found: Compared, z: float, *, up: bool = False) -> Reading:
    """Normal intervals around a figure; up: that is the better, the larger it is."""
    sign, shift = -1 if up else 1, 1.0 if up else 0.0
    old = None if found.champion is None else shift + sign * found.champion
    new = shift + sign * found.challenger
    harm = 0.0 if old is None else new - old
    alone, between = z * found.challenger_error, z * found.error
    return Reading(old, new, (new - alone, new + alone), harm, (harm - between, harm + between))


def _within(reading: Reading) -> Reading:
    """A share is no less than 0 and no more than 1."""
    low, high = reading.interval
    least, most = reading.harm_interval
    return Reading(
        reading.champion,
        reading.challenger,
        (max(0.0, low), min(1.0, high)),
        reading.harm,
        (max(-1.0, least), min(1.0, most)),
    )


_READERS: Mapping[str, Read] = {
    **dict.fromkeys(("accuracy", "log_loss", "brier", "squared_error", "absolute_error"), _mean_loss),
    "balanced_accuracy": partial(_labels, confusion.recall),
    "f1": partial(_labels, confusion.f1),
    "precision": partial(_labels, confusion.precision),
    "recall": partial(_labels, confusion.recall),
    "auc": _areas,
    "calibration_error": _calibration,
    "cost": _cost,
    "program": _mean_loss,
    "rmse": _rmse,
    "mape": _mape,
    "wape": _wape,
    "quantile_loss": _quantile,
}
