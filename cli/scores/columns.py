"""Labels and both models' answers as columns, and sums over columns that merge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from switchyard.stats.comoments import CoMoments
from switchyard.stats.losses import Prediction
from switchyard.stats.moments import Moments, PairedMoments
from switchyard.stats.residuals import CHALLENGER, CHAMPION

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Parts = dict[str, Any]  # sums of rows by name; all of them can be added


@dataclass(frozen=True)
class Scored:
    """said: by CHAMPION, where there is one, and CHALLENGER one column, or with more classes than two one a class."""

    label: Numbers
    said: Mapping[str, Sequence[Numbers]]

    def __len__(self) -> int:
        return len(self.label)

    def part(self, start: int, end: int) -> Scored:
        cut = {model: [column[start:end] for column in columns] for model, columns in self.said.items()}
        return Scored(self.label[start:end], cut)

    def rows(self, problem: str) -> Iterator[tuple[float, Prediction | None, Prediction]]:
        """As stats.paired reads them."""
        labels = self.label.tolist()
        said = {model: _answers(problem, columns) for model, columns in self.said.items()}
        return zip(labels, said.get(CHAMPION, [None] * len(labels)), said[CHALLENGER], strict=True)


def _answers(problem: str, columns: Sequence[Numbers]) -> list[Any]:
    lists = [column.tolist() for column in columns]
    return list(zip(*lists, strict=True)) if problem == "multiclass" else lists[0]


def joined(mine: Parts, theirs: Parts) -> Parts:
    """The sums of both, which have the same names."""
    return {name: mine[name] + theirs[name] for name in mine}


def moments(values: Numbers) -> Moments:
    if not len(values):
        return Moments()
    mean = float(values.mean())
    apart = values - mean
    apart *= apart
    return Moments(len(values), mean, float(apart.sum()))


def paired(losses: Sequence[Numbers]) -> PairedMoments:
    """Of the challenger's, or of the champion's and the challenger's."""
    if len(losses) == 1:
        return PairedMoments(Moments(), moments(losses[0]), Moments())
    old, new = losses
    return PairedMoments(moments(old), moments(new), moments(new - old))


def comoments(columns: Sequence[Numbers]) -> CoMoments:
    means = [float(column.mean()) for column in columns]
    apart = [column - mean for column, mean in zip(columns, means, strict=True)]
    return CoMoments(len(columns[0]), tuple(means), _rows(_products(apart, np.sum)))


def _products(columns: Sequence[Numbers], total: Callable[[Numbers], Any]) -> Numbers:
    """The total of each two columns' product, which may have several numbers: they are the last axis."""
    found = [[total(one * other) for other in columns[: at + 1]] for at, one in enumerate(columns)]
    each = range(len(columns))
    return np.array([[found[max(i, j)][min(i, j)] for j in each] for i in each])


def _rows(matrix: Numbers) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, matrix.tolist()))


@dataclass(frozen=True)
class Grouped:
    """stats.comoments.CoMoments of each of many groups, a group at each place of the last axis."""

    n: Numbers
    means: Numbers
    products: Numbers

    @classmethod
    def of(cls, places: Places, groups: int, columns: Sequence[Numbers]) -> Grouped:
        """Rows of some columns; places: the group of each. Rows are put in order of their groups: to add them up to
        a few places in turn, each waits for the one before.
        """
        n = np.bincount(places, minlength=groups)
        there = np.flatnonzero(n)
        sizes = n[there]
        firsts = np.cumsum(sizes) - sizes
        small = places.astype(np.min_scalar_type(groups))  # which is sorted by its digits
        order = np.argsort(small, kind="stable")
        sorted_ = [column[order] for column in columns]
        own = [np.add.reduceat(column, firsts) / sizes for column in sorted_]
        apart = [column - np.repeat(mean, sizes) for column, mean in zip(sorted_, own, strict=True)]
        means, products = np.zeros((len(own), groups)), np.zeros((len(own), len(own), groups))
        means[:, there] = own
        products[..., there] = _products(apart, lambda product: np.add.reduceat(product, firsts))
        return cls(n.astype(np.float64), means, products)

    def __add__(self, other: Grouped) -> Grouped:
        """As CoMoments are added."""
        n = self.n + other.n
        share = other.n / np.maximum(n, 1)
        delta = other.means - self.means
        between = delta[:, None] * delta[None, :] * (self.n * share)
        return Grouped(n, self.means + delta * share, self.products + other.products + between)

    def groups(self) -> dict[int, CoMoments]:
        """Those with rows, by their place."""
        return {int(at): self._group(int(at)) for at in np.flatnonzero(self.n)}

    def _group(self, at: int) -> CoMoments:
        return CoMoments(int(self.n[at]), tuple(self.means[:, at].tolist()), _rows(self.products[:, :, at]))
