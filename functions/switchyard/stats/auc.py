"""Area under the ROC curve of two models on the same rows, with the standard error of the difference.
 Exact when the rows fit: DeLong, DeLong & Clarke-Pearson, "Comparing the areas under two or more correlated
receiver operating characteristic curves", Biometrics 44, 1988. When rows stream: from counts per bin of the
score, with a bound on what the bins hide.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from switchyard.stats.moments import Moments, sum_counts

REACH = 12.0  # log-odds beyond which all scores share the outermost bin
FINE = 2048
COARSE = 64

Row = tuple[bool, float | None, float]


@dataclass(frozen=True, slots=True)
class Auc:
    """champion: None without one. hidden: largest error that bins can have caused in each value (0: exact)."""

    champion: float | None
    challenger: float
    difference: float
    error: float
    challenger_error: float
    hidden: float


def delong(rows: Sequence[Row]) -> Auc | None:
    """Exact, from rows (positive?, champion's score or None, challenger's score); None without both classes."""
    positives = [r for r in rows if r[0]]
    negatives = [r for r in rows if not r[0]]
    if not positives or not negatives:
        return None
    new = _placements([r[2] for r in positives], [r[2] for r in negatives])
    paired = rows[0][1] is not None
    old = _placements([_score(r) for r in positives], [_score(r) for r in negatives]) if paired else new
    difference = [
        Moments.of([a - b for a, b in zip(n, o, strict=True)]) for n, o in zip(new, old, strict=True)
    ]
    value, before = Moments.of(new[0]).mean, Moments.of(old[0]).mean
    return Auc(
        before if paired else None,
        value,
        value - before,
        math.hypot(*(m.error for m in difference)),
        math.hypot(*(Moments.of(v).error for v in new)),
        0.0,
    )


def _score(row: Row) -> float:
    if row[1] is None:
        raise ValueError("champion score: missing in one row but present in others")
    return row[1]


def _placements(positives: list[float], negatives: list[float]) -> tuple[list[float], list[float]]:
    """Share of negatives below each positive, and of positives above each negative; a tie counts one half."""
    below, above = sorted(negatives), sorted(positives)
    n, p = len(below), len(above)
    return (
        [(bisect_left(below, x) + bisect_right(below, x)) / (2 * n) for x in positives],
        [1 - (bisect_left(above, x) + bisect_right(above, x)) / (2 * p) for x in negatives],
    )


@dataclass(frozen=True, slots=True)
class ScoreCounts:
    """Counts of rows per score bin, mergeable. Keys: "model class bin" finely, "class bin bin" jointly and
    coarsely.

    Model and class are 0 or 1; the joint table is empty without a champion.
    """

    fine: Mapping[str, int] = field(default_factory=dict)
    joint: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> ScoreCounts:
        fine: dict[str, int] = {}
        joint: dict[str, int] = {}
        for positive, old, new in rows:
            label, at = int(positive), bin_of(new)
            _count(fine, f"1 {label} {at}")
            if old is not None:
                before = bin_of(old)
                _count(fine, f"0 {label} {before}")
                _count(joint, f"{label} {before * COARSE // FINE} {at * COARSE // FINE}")
        return cls(fine, joint)

    def __add__(self, other: ScoreCounts) -> ScoreCounts:
        return ScoreCounts(sum_counts((self.fine, other.fine)), sum_counts((self.joint, other.joint)))

    def by_bin(self, model: str) -> dict[int, tuple[int, int]]:
        """Positives and negatives of one model, "0" the champion or "1" the challenger, in each fine bin that has some,
        from the lowest on.
        """
        counts: dict[int, list[int]] = {}
        for key, count in self.fine.items():
            which, label, at = key.split()
            if which == model:
                counts.setdefault(int(at), [0, 0])[label == "0"] += count
        return {at: (positives, negatives) for at, (positives, negatives) in sorted(counts.items())}

    def to_dict(self) -> dict[str, dict[str, int]]:
        return {"fine": dict(self.fine), "joint": dict(self.joint)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Mapping[str, int]]) -> ScoreCounts:
        return cls(dict(data["fine"]), dict(data["joint"]))


def _count(counts: dict[str, int], key: str) -> None:
    counts[key] = counts.get(key, 0) + 1


def bin_of(score: float) -> int:
    """Bin of a probability, equal steps of log-odds: rare classes crowd near 0 and keep their order there."""
    odds = math.log(max(score, 1e-300)) - math.log(max(1 - score, 1e-300))
    return min(FINE - 1, max(0, int((odds + REACH) / (2 * REACH) * FINE)))


def score_at(place: int) -> float:
    """The probability in the middle of a fine bin."""
    return 1 / (1 + math.exp(REACH - (place + 0.5) / FINE * 2 * REACH))


def from_counts(counts: ScoreCounts) -> Auc | None:
    """From bins: scores in one bin count as tied. None when a class has no row."""
    new = _Curve.from_bins(counts.by_bin("1").values())
    if new is None:
        return None
    old = _Curve.from_bins(counts.by_bin("0").values())
    difference = new.value - old.value if old else 0.0
    hidden = max(new.hidden, old.hidden if old else 0.0)
    error = _joint_error(counts.joint) if old else new.error
    return Auc(old.value if old else None, new.value, difference, error, new.error, hidden)


@dataclass(frozen=True, slots=True)
class _Curve:
    """Placements per bin of one model: what a positive (negative) in each bin contributes to the area."""

    positives: list[int]
    negatives: list[int]
    placed_positive: list[float]
    placed_negative: list[float]

    @classmethod
    def from_bins(cls, bins: Collection[tuple[int, int]]) -> _Curve | None:
        """bins: positives and negatives in each, from the lowest on."""
        positives, negatives = [each for each, _ in bins], [each for _, each in bins]
        p, n = sum(positives), sum(negatives)
        if not p or not n:
            return None
        placed_positive, placed_negative = [], []
        seen_positive = seen_negative = 0
        for at_positive, at_negative in bins:
            placed_positive.append((seen_negative + at_negative / 2) / n)
            placed_negative.append(1 - (seen_positive + at_positive / 2) / p)
            seen_positive += at_positive
            seen_negative += at_negative
        return cls(positives, negatives, placed_positive, placed_negative)

    @property
    def value(self) -> float:
        return _weighted(self.positives, self.placed_positive).mean

    @property
    def error(self) -> float:
        return math.hypot(
            _weighted(self.positives, self.placed_positive).error,
            _weighted(self.negatives, self.placed_negative).error,
        )

    @property
    def hidden(self) -> float:
        """Half the pairs that share a bin: the most by which the order inside bins can move the area."""
        tied = sum(p * n for p, n in zip(self.positives, self.negatives, strict=True))
        return tied / (2 * sum(self.positives) * sum(self.negatives))


def _joint_error(joint: Mapping[str, int]) -> float:
    """Standard error of the difference of areas, from the joint table of both models' coarse bins."""
    cells = [(int(c), int(old), int(new), k) for key, k in joint.items() for c, old, new in (key.split(),)]
    tables = [[[0] * COARSE, [0] * COARSE] for _ in range(2)]
    for label, old, new, count in cells:
        tables[0][label][old] += count
        tables[1][label][new] += count
    curves = [_Curve.from_bins([*zip(table[1], table[0], strict=True)]) for table in tables]
    if curves[0] is None or curves[1] is None:
        return 0.0
    errors = []
    for label in (0, 1):
        old_at, new_at = (c.placed_positive if label else c.placed_negative for c in (curves[0], curves[1]))
        chosen = [(new_at[new] - old_at[old], count) for c, old, new, count in cells if c == label]
        errors.append(_weighted([k for _, k in chosen], [v for v, _ in chosen]).error)
    return math.hypot(*errors)


def _weighted(counts: Sequence[int], values: Sequence[float]) -> Moments:
    n = sum(counts)
    mean = math.fsum(k * v for k, v in zip(counts, values, strict=True)) / n
    return Moments(n, mean, math.fsum(k * (v - mean) ** 2 for k, v in zip(counts, values, strict=True)))


def mean_of(areas: Sequence[Auc]) -> Auc:
    """The mean over classes, each against the rest. Errors are added as if all areas moved together: the interval is at
    times wider than needed, and never narrower.
    """
    n = len(areas)
    olds = [each.champion for each in areas if each.champion is not None]
    return Auc(
        math.fsum(olds) / n if olds else None,
        math.fsum(each.challenger for each in areas) / n,
        math.fsum(each.difference for each in areas) / n,
        math.fsum(each.error for each in areas) / n,
        math.fsum(each.challenger_error for each in areas) / n,
        max(each.hidden for each in areas),
    )
