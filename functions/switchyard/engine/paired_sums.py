"""Sums of both models' predictions by DuckDB, a block of rows at a time; `paired_queries` has the queries.

What comes back is what stats.paired makes of the same rows. A block in which anything is open, a label that is none or
a prediction that cannot be used, is read row by row by its rules, which count, or refuse in their words.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

from switchyard.engine.paired_queries import probabilities, query
from switchyard.stats.auc import COARSE, FINE, ScoreCounts
from switchyard.stats.calibration import BINS, Calibration
from switchyard.stats.comoments import CoMoments
from switchyard.stats.confusion import NO_ONE, Confusion
from switchyard.stats.losses import Prediction
from switchyard.stats.moments import Moments, PairedMoments, sum_counts
from switchyard.stats.paired import PairedSums, Wanted
from switchyard.stats.residuals import CHALLENGER, CHAMPION, Residuals

Figures = Sequence[float]
Parts = Mapping[str, Sequence[Figures]]
NOTHING = Moments()


@dataclass(frozen=True)
class PairedQueries:
    """sizes: how many columns each model has, by CHAMPION and CHALLENGER; without a champion only the latter's."""

    connection: duckdb.DuckDBPyConnection
    problem: str
    sizes: Mapping[str, int]
    wanted: Wanted

    def sums(self, source: str, first: int) -> PairedSums:
        """Of what `source` selects (paired_queries.query), whose first row has this number."""
        parts = self._parts(source)
        if parts is None:
            rows = self.connection.execute(source).fetchall()
            return PairedSums.from_rows(self.problem, map(self._row, rows), self.wanted, first)
        made = _of_numbers if self.problem == "regression" else _of_classes
        return made(self.problem, parts, list(self.sizes), self.wanted)

    def _parts(self, source: str) -> Parts | None:
        """None where the rules have to look at each row."""
        found: dict[str, list[Figures]] = defaultdict(list)
        try:
            answer = self.connection.execute(query(self.problem, source, self.sizes, self.wanted))
        except (
            duckdb.OutOfRangeException,
            duckdb.ConversionException,
        ):  # the logarithm, the bin of no probability
            return None
        for name, figures in answer.fetchall():
            found[name].append(figures)
        rows, plain = found["plain"][0]
        return found if rows == plain and rows else None

    def _row(self, row: tuple[Any, ...]) -> tuple[float, Prediction | None, Prediction]:
        nan = float("nan")
        label, at, said = nan if row[0] is None else row[0], 1, {}
        for model, size in self.sizes.items():
            own, at = [nan if each is None else each for each in row[at : at + size]], at + size
            said[model] = tuple(own) if self.problem == "multiclass" else own[0]
        return label, said.get(CHAMPION), said[CHALLENGER]


def columns(sizes: Mapping[str, int]) -> list[str]:
    """What a source selects beside `y`."""
    return [name for model, size in sizes.items() for name in probabilities(model, size)]


def _paired(moments: Sequence[Moments]) -> PairedMoments:
    """From the challenger's, or from the champion's, the challenger's and the difference's."""
    if len(moments) == 1:
        return PairedMoments(NOTHING, moments[0], NOTHING)
    return PairedMoments(*moments)


def _threes(figures: Figures) -> list[Figures]:
    return [figures[at : at + 3] for at in range(0, len(figures), 3)]


def _moments_of_sums(rows: float, total: float, squares: float) -> Moments:
    """Of losses, which are no larger than 17: their squares lose nothing that shows."""
    mean = total / rows
    return Moments(int(rows), mean, max(0.0, squares - total * mean))


def _moments(rows: float, mean: float | None, m2: float | None) -> Moments:
    return Moments(int(rows), mean or 0.0, m2 or 0.0)


# Classes.


class _Cell(NamedTuple):
    """Rows of one class that the models answered alike: classes and bins by model, sums of surplus and its products."""

    truth: int
    said: list[int]
    bins: list[int]
    rows: int
    sums: list[float]


def _cell(problem: str, models: int, figures: Figures) -> _Cell:
    """`place` of paired_queries.Said is taken apart; a probability of 0 has no bin of its own."""
    truth, *rest = figures
    places, (rows, *sums) = map(int, rest[:models]), rest[models:]
    apart = [(at % 2, at // 2) if problem == "binary" else divmod(at, BINS + 1) for at in places]
    return _Cell(
        int(truth), [said for said, _ in apart], [max(0, at - 1) for _, at in apart], int(rows), sums
    )


def _of_classes(problem: str, parts: Parts, models: Sequence[str], wanted: Wanted) -> PairedSums:
    cells = [_cell(problem, len(models), figures) for figures in parts["cells"]]
    classes = sum_counts({str(cell.truth): cell.rows} for cell in cells)
    metrics = {"accuracy": _paired(_accuracy(cells))}
    for loss in ("log_loss", "brier"):
        metrics[loss] = _paired([_moments_of_sums(*three) for three in _threes(parts[loss][0])])
    is_binary = problem == "binary"
    return PairedSums(
        problem,
        int(parts["plain"][0][0]),
        0,
        metrics,
        _of_counts({int(label): count for label, count in classes.items()}),
        classes,
        _scores(parts, models, "") if is_binary else ScoreCounts(),
        _confusion(cells),
        _calibration(cells),
        {} if is_binary else {str(index): _scores(parts, models, str(index)) for index in wanted.areas},
    )


def _of_counts(counts: Mapping[int, int]) -> Moments:
    """Of whole numbers, each so many times."""
    n = sum(counts.values())
    mean = sum(value * count for value, count in counts.items()) / n
    return Moments(n, mean, sum(count * (value - mean) ** 2 for value, count in counts.items()))


def _accuracy(cells: Sequence[_Cell]) -> list[Moments]:
    counts: list[dict[int, int]] = [defaultdict(int) for _ in range(3)]
    for cell in cells:
        losses = [int(said != cell.truth) for said in cell.said]
        losses += [losses[1] - losses[0]] if len(losses) > 1 else []
        for own, loss in zip(counts, losses, strict=False):
            own[loss] += cell.rows
    return [_of_counts(each) for each in counts if each]


def _confusion(cells: Sequence[_Cell]) -> Confusion:
    def key(cell: _Cell) -> str:
        return " ".join(map(str, (cell.truth, *([NO_ONE] if len(cell.said) == 1 else []), *cell.said)))

    return Confusion(sum_counts({key(cell): cell.rows} for cell in cells))


def _calibration(cells: Sequence[_Cell]) -> Calibration:
    """Sums of the surplus and of its products, which are at most 1 a row: they add up before they are centred."""
    totals: dict[str, list[float]] = {}
    for cell in cells:
        own = [cell.rows, *cell.sums]
        key = " ".join(map(str, cell.bins))
        totals[key] = [a + b for a, b in zip(totals.get(key, [0.0] * len(own)), own, strict=True)]
    return Calibration({key: _centred(total, len(cells[0].bins)) for key, total in totals.items()})


def _centred(total: Sequence[float], size: int) -> CoMoments:
    n, sums, products = total[0], total[1 : 1 + size], total[1 + size :]
    means = tuple(each / n for each in sums)
    rows = (products[at * size : (at + 1) * size] for at in range(size))
    centred = (tuple(each - sums[i] * means[j] for j, each in enumerate(row)) for i, row in enumerate(rows))
    return CoMoments(int(n), means, tuple(centred))


def _scores(parts: Parts, models: Sequence[str], index: str) -> ScoreCounts:
    """Twice a bin, and the label in the last bit: a bin without bounds, as odds have none."""
    fine = (
        {f"{model} {int(at) & 1} {_within(int(at) >> 1, FINE)}": int(count)}
        for model in models
        for at, count in parts[f"fine {model} {index}"]
    )
    joint = (
        {f"{int(new) & 1} {_within(int(old), COARSE)} {_within(int(new) >> 1, COARSE)}": int(count)}
        for old, new, count in parts.get(f"joint {index}", ())
    )
    return ScoreCounts(sum_counts(fine), sum_counts(joint))


def _within(at: int, bins: int) -> int:
    return min(bins - 1, max(0, at))


# Numbers.


def _of_numbers(problem: str, parts: Parts, models: Sequence[str], _wanted: Wanted) -> PairedSums:
    counts: dict[str, int] = {}
    groups: dict[str, CoMoments] = {}
    for model in models:
        counts |= {f"{model} {int(at)}": int(count) for at, count in parts[f"residuals {model}"]}
        found = parts[f"by_prediction {model}"]
        groups |= {f"{model} {int(at)}": _comoments(rest, 2) for at, _, *rest in found}
    own = {"plain", "target", "sizes"}
    losses = [name for name in parts if name not in own and not name.startswith(("residuals", "by_"))]
    return PairedSums(
        problem,
        int(parts["plain"][0][0]),
        0,
        {name: _paired([_moments(*three) for three in _threes(parts[name][0])]) for name in losses},
        _moments(*parts["target"][0]),
        sizes=_comoments(parts["sizes"][0], len(models) + 1),
        residuals=Residuals(counts, groups),
    )


def _comoments(figures: Figures, size: int) -> CoMoments:
    n, *rest = figures
    rows = tuple(tuple(rest[size * (1 + at) : size * (2 + at)]) for at in range(size))
    return CoMoments(int(n), tuple(rest[:size]), rows)
