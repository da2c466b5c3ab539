"""Expected calibration error of two models on the same rows: ten equal bins of the predicted probability, in each the
distance of its mean from the share that came true, weighted by rows (Naeini, Cooper & Hauskrecht, "Obtaining well
calibrated probabilities using Bayesian binning", AAAI 2015).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from switchyard.stats.comoments import CoMoments, dot
from switchyard.stats.compared import Compared

BINS = 10

Said = tuple[float, float]  # a probability, and 1 if what it is of came true, else 0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Surplus of both models' probabilities over what came true, by "champion's bin challenger's bin"."""

    cells: Mapping[str, CoMoments] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[Said | None, Said]]) -> Calibration:
        """From (champion's or None, challenger's)."""
        found: dict[str, list[list[float]]] = defaultdict(list)
        for old, new in rows:
            models = [new] if old is None else [old, new]
            key = " ".join(str(bin_of(probability)) for probability, _ in models)
            found[key].append([probability - came for probability, came in models])
        return cls({key: CoMoments.of(surplus) for key, surplus in found.items()})

    def __add__(self, other: Calibration) -> Calibration:
        keys = {**self.cells, **other.cells}
        none = CoMoments()
        return Calibration({k: self.cells.get(k, none) + other.cells.get(k, none) for k in keys})

    def to_dict(self) -> dict[str, list[Any]]:
        return {key: cell.to_list() for key, cell in self.cells.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Sequence[Any]]) -> Calibration:
        return cls({key: CoMoments.from_list(cell) for key, cell in data.items()})


def bin_of(probability: float) -> int:
    """An edge belongs to the bin below it, as in scikit-learn's calibration_curve."""
    return max(0, math.ceil(probability * BINS) - 1)


def compare(calibration: Calibration) -> Compared | None:
    """None without rows. In a bin a row counts with the sign that its bin has on the whole, so the error is that of a
    mean; where a bin is right on average the sign is chance, and the interval wider than needed.
    """
    cells = sorted((tuple(map(int, key.split())), cell) for key, cell in calibration.cells.items() if cell.n)
    if not cells:
        return None
    rows, models = sum(cell.n for _, cell in cells), range(len(cells[0][0]))
    signs = [_signs(cells, model) for model in models]
    values = [math.fsum(map(abs, _totals(cells, model).values())) / rows for model in models]
    weights = [([signs[m][bins[m]] for m in models], cell) for bins, cell in cells]
    alone = _error([([0.0] * (len(w) - 1) + [w[-1]], cell) for w, cell in weights], values[-1])
    if len(values) == 1:
        return Compared(None, values[0], alone, 0.0)
    between = _error([([-w[0], w[1]], cell) for w, cell in weights], values[1] - values[0])
    return Compared(values[0], values[1], alone, between)


_Cells = Sequence[tuple[tuple[int, ...], CoMoments]]


def _totals(cells: _Cells, model: int) -> dict[int, float]:
    """Sum of one model's surplus in each of its bins."""
    found: dict[int, list[float]] = defaultdict(list)
    for bins, cell in cells:
        found[bins[model]].append(cell.n * cell.means[model])
    return {at: math.fsum(parts) for at, parts in found.items()}


def _signs(cells: _Cells, model: int) -> dict[int, float]:
    return {at: math.copysign(1.0, total) for at, total in _totals(cells, model).items()}


def _error(weighted: Sequence[tuple[Sequence[float], CoMoments]], mean: float) -> float:
    """Standard error of the mean of weighted surpluses, whose weights differ by cell."""
    rows = sum(cell.n for _, cell in weighted)
    if rows < 2:
        return 0.0
    squares = []
    for weights, cell in weighted:
        own = dot(weights, cell.means)
        within = dot(weights, [dot(weights, row) for row in cell.products])
        squares.append(within + cell.n * (own - mean) ** 2)
    return math.sqrt(math.fsum(squares) / (rows - 1) / rows)
