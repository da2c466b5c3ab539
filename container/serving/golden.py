"""The proof that an engine may stand in for XGBoost: equal numbers, bit for bit, on the model's own splits."""

from array import array
from collections.abc import Sequence

import numpy as np

from container.numeric_csv import Rows
from container.serving.ports import Engine
from container.serving.trees import Tree, split_points

GOLDEN_ROWS = 256


def golden_rows(trees: Sequence[Tree], width: int) -> Rows:
    """Rows of thresholds, their nearest neighbours in 32 bits, categories and missing values; always the same."""
    draw = np.random.default_rng(0)
    table = np.zeros((GOLDEN_ROWS, width), np.float32)
    thresholds, codes = split_points(trees)
    for feature, given in thresholds.items():
        at = np.array(given, np.float32)
        beside = [np.nextafter(at, np.float32(limit)) for limit in (-np.inf, np.inf)]
        table[:, feature] = draw.choice(np.concatenate([[np.nan], at, *beside]), GOLDEN_ROWS)
    for feature, highest in codes.items():
        table[:, feature] = draw.choice([np.nan, *range(highest + 1)], GOLDEN_ROWS)
    return Rows(array("f", table.tobytes()), width)


def equal(one: Engine, other: Engine, rows: Rows) -> bool:
    """Whether both give the same numbers for all rows together, and for each row alone."""
    expected = one.predictor(threads=1).predict(rows)
    predictor = other.predictor(threads=1)
    return predictor.predict(rows) == expected == [predictor.predict(row)[0] for row in _singles(rows)]


def _singles(rows: Rows) -> Sequence[Rows]:
    width = rows.width
    return [Rows(rows.values[at : at + width], width) for at in range(0, len(rows.values), width)]
