"""Columns of class labels and probabilities, reduced to what stats.paired makes of the same rows."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cli.scores.columns import Grouped, Numbers, Parts, Places, Scored, paired
from switchyard.stats.auc import COARSE, FINE, REACH, ScoreCounts
from switchyard.stats.calibration import BINS, Calibration
from switchyard.stats.confusion import NO_ONE, Cell, Confusion
from switchyard.stats.losses import CLIP
from switchyard.stats.moments import Moments, PairedMoments, sum_counts
from switchyard.stats.paired import PairedSums, Wanted

_TINY = 1e-300  # stands for a probability of 0 in a logarithm, as in stats.auc
_DENSE = 2**16  # keys that are counted in place; more are sorted


class Said(NamedTuple):
    """One model's answer to each row: the class, the probability that is calibrated, its surplus over what came true,
    the probability of the true class, and the Brier loss.
    """

    classes: Places
    surest: Numbers
    surplus: Numbers
    true: Numbers
    brier: Numbers


def is_plain(problem: str, scored: Scored) -> bool:
    """Do the rules leave nothing open: is every label a class, every answer a probability?"""
    label, last = scored.label, min(map(len, scored.said.values())) - 1
    if problem == "binary":
        known = (label == 0) | (label == 1)
    else:
        known = (label >= 0) & (label <= last) & (label == np.floor(label))
    every = [column for columns in scored.said.values() for column in columns]
    return bool(known.all()) and all(column.min() >= 0 and column.max() <= 1 for column in every)


def parts(problem: str, scored: Scored, wanted: Wanted) -> Parts:
    """Sums of plain rows."""
    label = scored.label.astype(np.int64)
    read = _binary if problem == "binary" else _multiclass
    said = [read(scored.label, label, columns) for columns in scored.said.values()]
    size = max(2, *map(len, scored.said.values()))
    found: Parts = {
        "rows": len(scored),
        "log_loss": paired([_surprise(each.true) for each in said]),
        "brier": paired([each.brier for each in said]),
        "confusion": _confusion([label, *(each.classes for each in said)], size),
        "calibration": Grouped.of(
            _bins_of([each.surest for each in said]), BINS ** len(said), [each.surplus for each in said]
        ),
    }
    for name, positive, scores in _areas(problem, label, scored, wanted):
        found |= _counts(name, positive, scores)
    return found


def _binary(label: Numbers, _index: Places, columns: Sequence[Numbers]) -> Said:
    own = columns[0]
    surplus = own - label
    true = np.where(label == 1, own, 1 - own)
    return Said((own >= 0.5).astype(np.int64), own, surplus, true, surplus * surplus)


def _multiclass(_label: Numbers, index: Places, columns: Sequence[Numbers]) -> Said:
    largest, said = columns[0].copy(), np.zeros(len(index), np.int64)
    for at, column in enumerate(columns[1:], start=1):
        np.copyto(said, at, where=column > largest)
        np.maximum(largest, column, out=largest)
    true = np.choose(index, columns) if len(columns) < 32 else np.stack(columns)[index, np.arange(len(index))]
    squares = sum((column * column for column in columns[1:]), columns[0] * columns[0])
    return Said(said, largest, largest - (said == index), true, squares - 2 * true + 1)


def _surprise(probability: Numbers) -> Numbers:
    return -np.log(np.clip(probability, CLIP, 1 - CLIP))


def _areas(
    problem: str, label: Places, scored: Scored, wanted: Wanted
) -> Iterator[tuple[str, Places, list[Numbers]]]:
    """Of each area its name, where the label is positive, and each model's scores."""
    if problem == "binary":
        yield "", label, [columns[0] for columns in scored.said.values()]
        return
    none = np.zeros(len(scored))
    for index in wanted.areas:
        scores = [columns[index] if index < len(columns) else none for columns in scored.said.values()]
        yield str(index), (label == index).astype(np.int64), scores


def _counts(name: str, positive: Places, scores: Sequence[Numbers]) -> Parts:
    """Rows by twice the bin, and 1 more where the label is positive: of each model finely, of both coarsely."""
    bins = [_fine(score) for score in scores]
    fine = np.stack([np.bincount(2 * each + positive, minlength=2 * FINE) for each in bins])
    if len(bins) == 1:
        return {f"fine {name}": fine}
    old, new = (each // (FINE // COARSE) for each in bins)
    joint = np.bincount((old * COARSE + new) * 2 + positive, minlength=2 * COARSE**2)
    return {f"fine {name}": fine, f"joint {name}": joint}


def _fine(score: Numbers) -> Places:
    odds = np.log(np.maximum(score, _TINY)) - np.log(np.maximum(1 - score, _TINY))
    return np.clip((odds + REACH) / (2 * REACH) * FINE, 0, FINE - 1).astype(np.int64)


def _bins_of(probabilities: Sequence[Numbers]) -> Places:
    """Of stats.calibration; both models' in one number."""
    at = np.zeros(len(probabilities[0]), np.int64)
    for each in probabilities:
        at = at * BINS + np.maximum(np.ceil(each * BINS) - 1, 0).astype(np.int64)
    return at


def _confusion(columns: Sequence[Places], size: int) -> Confusion:
    """columns: the true class, and what each model said; each below `size`."""
    keys = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        keys = keys * size + column
    if size ** len(columns) <= _DENSE:
        counts = np.bincount(keys)
        keys = np.flatnonzero(counts)
        counts = counts[keys]
    else:
        keys, counts = np.unique(keys, return_counts=True)
    apart = np.unravel_index(keys, (size,) * len(columns))
    found = zip(*(each.tolist() for each in apart), counts.tolist(), strict=True)
    return Confusion({_key(cell[:-1]): cell[-1] for cell in found})


def _key(classes: Sequence[int]) -> str:
    true, *said = map(str, classes)
    return " ".join([true, *([NO_ONE] if len(said) == 1 else []), *said])


def sums(problem: str, found: Parts, models: Sequence[str], wanted: Wanted) -> PairedSums:
    """Of what `parts` found, added up."""
    cells = found["confusion"].cells
    classes = sum_counts({str(cell.true): cell.rows} for cell in cells)
    metrics = {
        "accuracy": _accuracy(cells),
        **{name: found[name] for name in ("log_loss", "brier")},
    }
    is_binary = problem == "binary"
    return PairedSums(
        problem,
        found["rows"],
        0,
        metrics,
        _of_counts({int(index): rows for index, rows in classes.items()}),
        classes,
        _scores(found, models, "") if is_binary else ScoreCounts(),
        found["confusion"],
        _calibration(found["calibration"], len(models)),
        {} if is_binary else {str(index): _scores(found, models, str(index)) for index in wanted.areas},
    )


def _accuracy(cells: Sequence[Cell]) -> PairedMoments:
    """Losses of whole numbers, so they can be counted: -1, 0 or 1."""
    counts: list[dict[int, int]] = [defaultdict(int) for _ in range(3)]
    for cell in cells:
        new = int(cell.challenger != cell.true)
        counts[1][new] += int(cell.rows)
        if cell.champion is not None:
            old = int(cell.champion != cell.true)
            counts[0][old] += int(cell.rows)
            counts[2][new - old] += int(cell.rows)
    return PairedMoments(*map(_of_counts, counts))


def _of_counts(counts: Mapping[int, int]) -> Moments:
    """Of whole numbers, each so many times."""
    n = sum(counts.values())
    if not n:
        return Moments()
    mean = sum(value * count for value, count in counts.items()) / n
    return Moments(n, mean, sum(count * (value - mean) ** 2 for value, count in counts.items()))


def _calibration(cells: Grouped, models: int) -> Calibration:
    names = {at: str(at) if models == 1 else f"{at // BINS} {at % BINS}" for at in range(len(cells.n))}
    return Calibration({names[at]: cell for at, cell in cells.groups().items()})


def _scores(found: Parts, models: Sequence[str], name: str) -> ScoreCounts:
    fine = {
        f"{model} {at & 1} {at >> 1}": count
        for model, counts in zip(models, found[f"fine {name}"], strict=True)
        for at, count in _counted(counts)
    }
    joint = {
        f"{at & 1} {(at >> 1) // COARSE} {(at >> 1) % COARSE}": count
        for at, count in _counted(found.get(f"joint {name}", np.zeros(0, np.int64)))
    }
    return ScoreCounts(fine, joint)


def _counted(counts: Places) -> Iterator[tuple[int, int]]:
    places = np.flatnonzero(counts)
    return zip(places.tolist(), counts[places].tolist(), strict=True)
