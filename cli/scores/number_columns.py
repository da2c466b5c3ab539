"""Columns of numbers and predictions of them, reduced to what stats.paired makes of the same rows."""

from collections.abc import Sequence

import numpy as np

from cli.scores.columns import Grouped, Numbers, Parts, Places, Scored, comoments, moments, paired
from switchyard.stats.comoments import CoMoments
from switchyard.stats.losses import LARGEST, SMALLEST, quantile_name
from switchyard.stats.moments import PairedMoments
from switchyard.stats.paired import PERCENTAGE, PairedSums, Wanted
from switchyard.stats.residuals import COARSE, LEAST, STEPS, Residuals

_FINE_BINS, _COARSE_BINS = 2048, 512  # on each side of 0: 2 ** 230 of LEAST is above all that is plain
_LOSSES = ("squared_error", "absolute_error")


def is_plain(_problem: str, scored: Scored) -> bool:
    """Do the rules leave nothing open, and is no square too large?"""
    every = [scored.label, *(columns[0] for columns in scored.said.values())]
    return all(column.min() >= -LARGEST and column.max() <= LARGEST for column in every)


def parts(_problem: str, scored: Scored, wanted: Wanted) -> Parts:
    """Sums of plain rows."""
    label, said = scored.label, [columns[0] for columns in scored.said.values()]
    errors = [own - label for own in said]
    sizes = [np.abs(error) for error in errors]
    distance = np.abs(label)
    found: Parts = {
        "rows": len(scored),
        "target": moments(label),
        "squared_error": paired([error * error for error in errors]),
        "absolute_error": paired(sizes),
        PERCENTAGE: _percentage(sizes, distance),
        "sizes": comoments([*sizes, distance]),
    }
    found |= {quantile_name(q): paired([_pinball(q, error) for error in errors]) for q in wanted.quantiles}
    for model, own, error, size in zip(scored.said, said, errors, sizes, strict=True):
        bins = _doublings(error, size, STEPS) + _FINE_BINS
        found[f"residuals {model}"] = np.bincount(bins, minlength=2 * _FINE_BINS)
        groups = _doublings(own, np.abs(own), COARSE) + _COARSE_BINS
        found[f"by_prediction {model}"] = Grouped.of(groups, 2 * _COARSE_BINS, [own, error])
    return found


def _percentage(sizes: Sequence[Numbers], distance: Numbers) -> PairedMoments:
    """Of labels that are not 0."""
    if distance.min() > SMALLEST:
        return paired([size / distance for size in sizes])
    chosen = distance > SMALLEST
    return paired([size[chosen] / distance[chosen] for size in sizes])


def _pinball(quantile: float, error: Numbers) -> Numbers:
    return np.where(error <= 0, quantile * -error, (1 - quantile) * error)


def _doublings(values: Numbers, sizes: Numbers, steps: int) -> Places:
    """The bins of stats.residuals."""
    found = sizes / LEAST
    np.log2(np.maximum(found, 1, out=found), out=found)
    found *= steps
    found += 1
    found *= sizes > LEAST
    return np.copysign(found, values, out=found).astype(np.int64)  # which takes the whole number towards 0


def sums(problem: str, found: Parts, models: Sequence[str], wanted: Wanted) -> PairedSums:
    """Of what `parts` found, added up."""
    names = [*_LOSSES, *map(quantile_name, wanted.quantiles), PERCENTAGE]
    counts: dict[str, int] = {}
    groups: dict[str, CoMoments] = {}
    for model in models:
        bins = found[f"residuals {model}"]
        counts |= {f"{model} {int(at) - _FINE_BINS}": int(bins[at]) for at in np.flatnonzero(bins)}
        groups |= {
            f"{model} {at - _COARSE_BINS}": group
            for at, group in found[f"by_prediction {model}"].groups().items()
        }
    return PairedSums(
        problem,
        found["rows"],
        0,
        {name: found[name] for name in names},
        found["target"],
        sizes=found["sizes"],
        residuals=Residuals(counts, groups),
    )
