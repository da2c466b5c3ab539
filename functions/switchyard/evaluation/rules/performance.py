"""What both models did on the holdout, as a data scientist asks for it: curves, calibration, confusion, residuals.

Made of the sums that the gate judges by: counts in bins, no row, and no more points than a plot can show.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

from switchyard.core.known_members import known_members
from switchyard.core.policy import Problem
from switchyard.stats.auc import ScoreCounts, score_at
from switchyard.stats.calibration import BINS, bin_of
from switchyard.stats.comoments import CoMoments
from switchyard.stats.confusion import Cell
from switchyard.stats.intervals import proportion_interval
from switchyard.stats.paired import PairedSums
from switchyard.stats.resampling import Resampling
from switchyard.stats.residuals import CHALLENGER, CHAMPION, STEPS, Residuals, edges_of

POINT = 0.01  # of a curve: points that are nearer to the one before are left out
BARS, GROUPS = 24, 10
WIDE = 0.99  # of the residuals lie within the bars; the rest is in the outermost
LEVEL = 0.025  # on each side

Point = tuple[float, float]
Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Reliability:
    """Of the rows with about this probability: the share that came true, with its 95 % interval."""

    predicted: float
    came_true: float
    low: float
    high: float
    rows: int


@dataclass(frozen=True)
class Bar:
    """The share of residuals between two edges."""

    low: float
    high: float
    share: float


@dataclass(frozen=True)
class Spread:
    """Of rows with about this prediction: the mean residual and its standard deviation."""

    predicted: float
    residual: float
    deviation: float
    rows: int


@dataclass(frozen=True)
class Curves:
    """Of one model. roc: (false positive rate, true positive rate); precision_recall: (recall, precision).

    confusion: rows by true class, then by the class that was said. What the problem does not have is empty.
    """

    roc: tuple[Point, ...] = ()
    precision_recall: tuple[Point, ...] = ()
    calibration: tuple[Reliability, ...] = ()
    confusion: Matrix = ()
    residuals: tuple[Bar, ...] = ()
    by_prediction: tuple[Spread, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Curves":
        return cls(
            tuple((x, y) for x, y in data["roc"]),
            tuple((x, y) for x, y in data["precision_recall"]),
            tuple(Reliability(**known_members(Reliability, each)) for each in data["calibration"]),
            tuple(map(tuple, data["confusion"])),
            tuple(Bar(**known_members(Bar, each)) for each in data["residuals"]),
            tuple(Spread(**known_members(Spread, each)) for each in data["by_prediction"]),
        )


@dataclass(frozen=True)
class Performance:
    """positives: share of the second of two classes, None of another problem. champion: None without one."""

    rows: int
    classes: tuple[str, ...]
    positives: float | None
    champion: Curves | None
    challenger: Curves

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Performance":
        champion = data["champion"]
        return cls(
            int(data["rows"]),
            tuple(data["classes"]),
            data["positives"],
            Curves.from_dict(champion) if champion else None,
            Curves.from_dict(data["challenger"]),
        )


def performance_of(sums: PairedSums, classes: Sequence[str] = ()) -> Performance:
    """classes: their names, in the order of their index; by default the numbers."""
    cells = sums.confusion.cells
    names = _names(cells, classes) if cells else ()
    positives = sums.target.mean if sums.problem == Problem.BINARY and sums.rows else None
    limit = _wide(sums.residuals)
    made = [_curves(sums, model, cells, len(names), limit) for model in (CHAMPION, CHALLENGER)]
    return Performance(sums.distinct_rows, names, positives, made[0] if sums.paired else None, made[1])


def _names(cells: Sequence[Cell], classes: Sequence[str]) -> tuple[str, ...]:
    """A model that was made for more classes than there are may say one that has no name."""
    last = max(max(cell.true, cell.champion or 0, cell.challenger) for cell in cells)
    return tuple(classes[at] if at < len(classes) else str(at) for at in range(max(last + 1, len(classes))))


def _curves(sums: PairedSums, model: str, cells: Sequence[Cell], size: int, limit: float) -> Curves:
    roc, precision_recall = _ranked(sums.scores, model)
    of_scores = _calibration_of_scores(sums.scores, model, sums.resampling)
    return Curves(
        roc,
        precision_recall,
        of_scores or _calibration_of_bins(sums, model),
        _matrix(cells, model, size, sums.resampling.repeats),
        _bars(sums.residuals.of_model(model), limit),
        tuple(_spread(each, sums.resampling.repeats) for each in _grouped(sums.residuals.groups_of(model))),
    )


def _ranked(scores: ScoreCounts, model: str) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """ROC and precision against recall, from the highest score down; none where a class has no row."""
    falling = [*reversed(scores.by_bin(model).values())]
    seen = [*zip(accumulate(tp for tp, _ in falling), accumulate(fp for _, fp in falling), strict=True)]
    p, n = seen[-1] if seen else (0, 0)
    if not p or not n:
        return (), ()
    roc = [(0.0, 0.0), *((fp / n, tp / p) for tp, fp in seen)]
    return _thinned(roc), _thinned([(tp / p, tp / (tp + fp)) for tp, fp in seen])


def _thinned(points: Sequence[Point]) -> tuple[Point, ...]:
    """The first, the last, and those that are not next to the one before."""
    kept = [points[0]]
    for point in points[1:-1]:
        if max(abs(point[0] - kept[-1][0]), abs(point[1] - kept[-1][1])) >= POINT:
            kept.append(point)
    return (
        tuple((round(x, 6), round(y, 6)) for x, y in (*kept, *points[-1:]))
        if len(points) > 1
        else tuple(kept)
    )


def _calibration_of_scores(
    scores: ScoreCounts, model: str, resampling: Resampling
) -> tuple[Reliability, ...]:
    """Ten equal bins of the probability of the second class."""
    found = [[0.0, 0, 0] for _ in range(BINS)]
    for at, (positives, negatives) in scores.by_bin(model).items():
        probability = score_at(at)
        own = found[bin_of(probability)]
        own[0] += probability * (positives + negatives)
        own[1] += positives
        own[2] += positives + negatives
    return tuple(
        _reliability(total / rows, int(came), int(rows), resampling) for total, came, rows in found if rows
    )


def _reliability(predicted: float, came: int, rows: int, resampling: Resampling) -> Reliability:
    low, high = proportion_interval(came, rows, LEVEL, resampling.widening)
    return Reliability(round(predicted, 6), came / rows, low, high, _once(rows, resampling.repeats))


def _once(predictions: float, repeats: int) -> int:
    """Rows behind so many predictions; of few predictions one row."""
    return round(predictions / repeats) or int(predictions > 0)


def _calibration_of_bins(sums: PairedSums, model: str) -> tuple[Reliability, ...]:
    """Of the class that was said, where there are many: a bin's middle, and what came true beside it."""
    place = int(model) if sums.paired else 0
    if model == CHAMPION and not sums.paired:
        return ()
    rows, surplus = [0] * BINS, [0.0] * BINS
    for key, cell in sums.calibration.cells.items():
        at = int(key.split()[place])
        rows[at] += cell.n
        surplus[at] += cell.n * cell.means[place]
    middles = [(at + 0.5) / BINS for at in range(BINS)]
    found = zip(middles, surplus, rows, strict=True)
    return tuple(
        _reliability(middle, round(_within(middle * n - more, n)), n, sums.resampling)
        for middle, more, n in found
        if n
    )


def _within(came: float, rows: int) -> float:
    return min(max(came, 0.0), rows)


def _matrix(cells: Iterable[Cell], model: str, size: int, copies: int) -> Matrix:
    """copies: how often each row is in the cells; the counts are of one, on average."""
    table = [[0.0] * size for _ in range(size)]
    for cell in cells:
        said = cell.champion if model == CHAMPION else cell.challenger
        if said is None:
            return ()
        table[cell.true][said] += cell.rows / copies
    return tuple(tuple(map(round, row)) for row in table)


def _wide(residuals: Residuals) -> float:
    """The size within which nearly all residuals of both models lie; 0 without any."""
    sizes: dict[float, int] = {}
    for model in (CHAMPION, CHALLENGER):
        for at, rows in residuals.of_model(model).items():
            far = max(map(abs, edges_of(at, STEPS)))
            sizes[far] = sizes.get(far, 0) + rows
    seen, total = 0, sum(sizes.values())
    for far in sorted(sizes):
        seen += sizes[far]
        if seen >= WIDE * total:
            return far
    return 0.0


def _bars(counts: Mapping[int, int], limit: float) -> tuple[Bar, ...]:
    """Equal bars from -limit to limit; a bin's rows are spread evenly over it."""
    total, width = sum(counts.values()), 2 * limit / BARS
    if not total or not limit:
        return ()
    shares = [0.0] * BARS
    for at, rows in counts.items():
        low, high = edges_of(at, STEPS)
        first, last = (_bar(edge, limit, width) for edge in (low, high))
        for bar in range(first, last + 1):
            left, right = -limit + bar * width, -limit + (bar + 1) * width
            inside = min(high, right) - max(low, left) if first < last else high - low
            shares[bar] += rows / total * max(0.0, inside) / (high - low)
    return tuple(
        Bar(-limit + bar * width, -limit + (bar + 1) * width, round(share, 6))
        for bar, share in enumerate(shares)
    )


def _bar(edge: float, limit: float, width: float) -> int:
    return min(BARS - 1, max(0, int((edge + limit) / width)))


def _grouped(groups: Sequence[CoMoments]) -> list[CoMoments]:
    """Neighbours joined, until there are few of about as many rows each."""
    least, joined = sum(group.n for group in groups) / GROUPS, list[CoMoments]()
    for group in groups:
        if joined and joined[-1].n < least:
            joined[-1] += group
        else:
            joined.append(group)
    return joined


def _spread(group: CoMoments, copies: int) -> Spread:
    variance = group.products[1][1] / (group.n - 1) if group.n > 1 else 0.0
    return Spread(group.means[0], group.means[1], variance**0.5, _once(group.n, copies))
