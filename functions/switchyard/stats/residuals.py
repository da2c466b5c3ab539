"""How far predictions of numbers lie from the labels, in bins that need no scale: eight to each doubling of size.

Counts of chunks add up to the counts of the whole; no value is kept, and the number of bins has a bound.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from switchyard.stats.comoments import CoMoments
from switchyard.stats.moments import sum_counts

STEPS = 8  # bins of the residual a doubling
COARSE = 2  # bins of the prediction
LEAST = 1e-30  # what is smaller is 0
CHAMPION, CHALLENGER = "0", "1"

Row = tuple[float, float | None, float]  # label, the champion's prediction or None, the challenger's


@dataclass(frozen=True, slots=True)
class Residuals:
    """counts: rows by "model bin" of the residual, prediction minus label. by_prediction: (prediction, residual) by
    "model bin" of the prediction.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    by_prediction: Mapping[str, CoMoments] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Residuals:
        counts: dict[str, int] = defaultdict(int)
        pairs: dict[str, list[Sequence[float]]] = defaultdict(list)
        for label, old, new in rows:
            for model, said in ((CHAMPION, old), (CHALLENGER, new)):
                if said is not None:
                    counts[f"{model} {bin_of(said - label, STEPS)}"] += 1
                    pairs[f"{model} {bin_of(said, COARSE)}"].append((said, said - label))
        return cls(dict(counts), {key: CoMoments.of(found) for key, found in pairs.items()})

    def __add__(self, other: Residuals) -> Residuals:
        keys, none = {**self.by_prediction, **other.by_prediction}, CoMoments()
        groups = {k: self.by_prediction.get(k, none) + other.by_prediction.get(k, none) for k in keys}
        return Residuals(sum_counts((self.counts, other.counts)), groups)

    def to_dict(self) -> dict[str, Any]:
        groups = {key: group.to_list() for key, group in self.by_prediction.items()}
        return {"counts": dict(self.counts), "by_prediction": groups}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Residuals:
        groups = data.get("by_prediction", {})
        return cls(dict(data.get("counts", {})), {k: CoMoments.from_list(g) for k, g in groups.items()})

    def of_model(self, model: str) -> dict[int, int]:
        """Rows by the bin of the residual."""
        return {int(key.split()[1]): n for key, n in self.counts.items() if key.split()[0] == model}

    def groups_of(self, model: str) -> list[CoMoments]:
        """Rows by the bin of the prediction, from the lowest on."""
        own = {int(key.split()[1]): g for key, g in self.by_prediction.items() if key.split()[0] == model}
        return [own[at] for at in sorted(own)]


def bin_of(value: float, steps: int) -> int:
    """0 for what is next to nothing; else the sign, and the size in steps of a doubling from LEAST on."""
    if abs(value) <= LEAST:
        return 0
    return int(math.copysign(1 + max(0, math.floor(math.log2(abs(value) / LEAST) * steps)), value))


def edges_of(at: int, steps: int) -> tuple[float, float]:
    """(low, high) of a bin."""
    if not at:
        return -LEAST, LEAST
    near, far = (LEAST * 2 ** ((abs(at) + shift) / steps) for shift in (-1, 0))
    return (near, far) if at > 0 else (-far, -near)
