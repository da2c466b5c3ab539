"""How often each class was true, said by the champion and said by the challenger, on the same rows.

Figures of labels (F1, precision, recall, a mean cost) are smooth functions of these counts. The standard error of one
is a formula then, the infinitesimal jackknife (Jaeckel, "The infinitesimal jackknife", 1972): the root of the sum, over
all rows, of the squared influence of a row. A bootstrap by Poisson weights has the same limit, and would add its own
noise. Counts of chunks add up to the counts of the whole.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import NamedTuple

from switchyard.stats.compared import Compared
from switchyard.stats.moments import sum_counts

NO_ONE = "-"  # stands for what a champion said where there is none

Costs = Sequence[Sequence[float]]  # of a row of class i that is called class j


class Cell(NamedTuple):
    """So many rows of one class, of which the models said these classes; champion: None without one."""

    true: int
    champion: int | None
    challenger: int
    rows: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows by "true champion challenger", each a class by its index."""

    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int | None, int]]) -> Confusion:
        """From (true class, the champion's or None, the challenger's)."""
        found = Counter(rows)
        return cls(
            {f"{true} {NO_ONE if old is None else old} {new}": n for (true, old, new), n in found.items()}
        )

    def __add__(self, other: Confusion) -> Confusion:
        return Confusion(sum_counts((self.counts, other.counts)))

    @property
    def cells(self) -> list[Cell]:
        return [_cell(key, rows) for key, rows in sorted(self.counts.items())]


def _cell(key: str, rows: int) -> Cell:
    true, old, new = key.split()
    return Cell(int(true), None if old == NO_ONE else int(old), int(new), rows)


class Answers:
    """What one model said: rows by (true, said), and how often each class was true, was said and was both."""

    def __init__(self, rows: Iterable[tuple[int, int, float]]) -> None:
        self.rows: Counter[tuple[int, int]] = Counter()
        for true, said, count in rows:
            self.rows[true, said] += count  # type: ignore[assignment]
        self.true, self.said, self.right = Counter[int](), Counter[int](), Counter[int]()
        for (true, said), count in self.rows.items():
            self.true[true] += count
            self.said[said] += count
            self.right[true] += count * (true == said)


class Reading(NamedTuple):
    """A figure, and how much one more row of a true class that is called another would move it."""

    value: float
    influence: Callable[[int, int], float]


class Slopes(NamedTuple):
    """A figure of one class, and how it grows with rows that are right, are true and are said."""

    value: float
    right: float
    true: float
    said: float


def f1(right: float, true: float, said: float) -> Slopes:
    """Harmonic mean of precision and recall."""
    both = true + said
    value = 2 * right / both if both else 0.0
    return Slopes(value, 2 / both, -value / both, -value / both) if both else Slopes(0.0, 0.0, 0.0, 0.0)


def precision(right: float, _true: float, said: float) -> Slopes:
    """Of the rows that are called the class the share that are; 0 where none is called so, as in scikit-learn."""
    return Slopes(right / said, 1 / said, 0.0, -right / said**2) if said else Slopes(0.0, 0.0, 0.0, 0.0)


def recall(right: float, true: float, _said: float) -> Slopes:
    """Of the rows of the class the share that are called so."""
    return Slopes(right / true, 1 / true, -right / true**2, 0.0) if true else Slopes(0.0, 0.0, 0.0, 0.0)


Figure = Callable[[float, float, float], Slopes]
Statistic = Callable[[Answers], Reading]


def mean_of_classes(figure: Figure, classes: Collection[int]) -> Statistic:
    """The mean of a figure over some classes; over one it is the figure of that class."""
    return partial(_mean_of_classes, figure, classes)


def _mean_of_classes(figure: Figure, classes: Collection[int], answers: Answers) -> Reading:
    found = {k: figure(answers.right[k], answers.true[k], answers.said[k]) for k in classes}
    share, none = 1 / len(classes), Slopes(0.0, 0.0, 0.0, 0.0)

    def influence(true: int, said: int) -> float:
        of_true, of_said = found.get(true, none), found.get(said, none)
        return share * (of_true.true + of_said.said + (of_true.right if true == said else 0.0))

    return Reading(share * math.fsum(each.value for each in found.values()), influence)


def mean_cost(costs: Costs) -> Statistic:
    """The mean of what rows cost, by their true class and what they are called."""
    return partial(_mean_cost, costs)


def _mean_cost(costs: Costs, answers: Answers) -> Reading:
    rows = answers.rows.total()
    value = math.fsum(count * _cost(costs, *pair) for pair, count in answers.rows.items()) / rows
    return Reading(value, lambda true, said: (_cost(costs, true, said) - value) / rows)


def _cost(costs: Costs, true: int, said: int) -> float:
    """A class that has no place in the matrix, because the model was made for more, costs what is dearest."""
    row = costs[true] if true < len(costs) else ()
    return row[said] if said < len(row) else max(row, default=0.0)


def answers_of(confusion: Confusion) -> tuple[Answers | None, Answers]:
    """What the champion said, where there is one, and what the challenger said."""
    cells = confusion.cells
    return _champion(cells) if _is_paired(cells) else None, _challenger(cells)


def compare(confusion: Confusion, statistic: Statistic, copies: int = 1) -> Compared:
    """Errors are of the counts and two rows more a class, of which each model has one right: models that never disagree
    on a few rows are not proved equal (Bonett & Price, "Adjusted Wald confidence interval for a difference of binomial
    proportions based on paired data", Journal of Educational and Behavioral Statistics 37, 2012). copies: how often
    each row is in the counts.
    """
    champion, challenger = answers_of(confusion)
    new = statistic(challenger).value
    old = statistic(champion).value if champion else None
    more = confusion.cells + _two_more_a_class(confusion.cells, copies)
    read_new = statistic(_challenger(more)).influence
    alone = _spread((cell.rows, read_new(cell.true, cell.challenger)) for cell in more)
    if old is None:
        return Compared(None, new, alone, 0.0)
    read_old = statistic(_champion(more)).influence
    moved = (
        (c.rows, read_new(c.true, c.challenger) - read_old(c.true, c.champion))
        for c in more
        if c.champion is not None
    )
    return Compared(old, new, alone, _spread(moved))


def _is_paired(cells: Sequence[Cell]) -> bool:
    return any(cell.champion is not None for cell in cells)


def _challenger(cells: Iterable[Cell]) -> Answers:
    return Answers((cell.true, cell.challenger, cell.rows) for cell in cells)


def _champion(cells: Iterable[Cell]) -> Answers:
    return Answers((c.true, c.champion, c.rows) for c in cells if c.champion is not None)


def _spread(moved: Iterable[tuple[float, float]]) -> float:
    return math.sqrt(math.fsum(rows * influence**2 for rows, influence in moved))


def _two_more_a_class(cells: Sequence[Cell], copies: int) -> list[Cell]:
    """For each class a row that the champion alone has right and one that the challenger alone has; what the other says
    instead is spread over the other classes.
    """
    classes = sorted({*chain.from_iterable((c.true, c.challenger) for c in cells)})
    share = copies / max(1, len(classes) - 1)
    paired = _is_paired(cells)
    pairs = [(true, other) for true in classes for other in classes if other != true]
    wrong = [Cell(true, true if paired else None, other, share) for true, other in pairs]
    return wrong + [Cell(true, other if paired else None, true, share) for true, other in pairs]
