"""Small real data sets that ship inside scikit-learn, cut into CSV drops for the examples; no row of them lives here.

Breast cancer: UCI "Breast Cancer Wisconsin (Diagnostic)", CC BY 4.0; scikit-learn is BSD-3-Clause.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SEED = 7


@dataclass(frozen=True)
class Sample:
    """`rows`: the label first, then the features, shuffled once and for all."""

    columns: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]

    def csv(self, first: int, last: int) -> bytes:
        """Rows [first, last) as a dataset drop with its header."""
        lines = [",".join(self.columns), *(_line(row) for row in self.rows[first:last])]
        return "\n".join([*lines, ""]).encode()

    def write(self, folder: Path, files: Mapping[str, tuple[int, int]]) -> None:
        """Each file of the folder, by name, with rows [first, last)."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, (first, last) in files.items():
            (folder / name).write_bytes(self.csv(first, last))

    def requests(self, first: int, last: int) -> list[str]:
        """Rows [first, last) as text/csv requests: without the label."""
        return [_line(row[1:]) for row in self.rows[first:last]]


def breast_cancer() -> Sample:
    """569 rows, 30 features; label 1 is benign."""
    from sklearn.datasets import load_breast_cancer as load

    bunch = load()
    names = ["label", *(str(name).replace(" ", "_") for name in bunch.feature_names)]
    rows = [
        (float(label), *map(float, features))
        for label, features in zip(bunch.target.tolist(), bunch.data.tolist(), strict=True)
    ]
    random.Random(_SEED).shuffle(rows)  # noqa: S311 a repeatable shuffle, not a secret
    return Sample(tuple(names), tuple(rows))


def _line(values: Sequence[float]) -> str:
    return ",".join(f"{value:g}" for value in values)
