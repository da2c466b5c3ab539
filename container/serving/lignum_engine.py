"""lignum: the trees of one row in a tenth of the time that XGBoost 3.2 takes, and a fifth of what 3.4 takes.

XGBoost prepares every call anew (3.2 measures the depth of each tree and compiles a regular expression), which
costs more than a single row. lignum is a young project, so nothing is taken on trust: it answers only for a
model for which `golden` has proven it equal.
"""

from pathlib import Path
from typing import Any

import numpy as np

from container.numeric_csv import Rows
from container.serving.ports import Predictor


class LignumError(RuntimeError):
    """lignum is not there, or does not know models of this kind."""


class LignumEngine:
    """A loaded model, shared and read only."""

    def __init__(self, path: Path, width: int, threads: int) -> None:
        self._width, self._threads = width, threads
        try:
            import lignum

            self._model = lignum.load(str(path))
        except Exception as error:  # it documents no exceptions of its own
            raise LignumError(f"lignum does not take {path.name} ({type(error).__name__})") from None

    def predictor(self, threads: int | None = None) -> Predictor:
        return LignumPredictor(self._model, self._width, threads or self._threads)


class LignumPredictor:
    """Predictions with some threads."""

    def __init__(self, model: Any, width: int, threads: int) -> None:
        self._model, self._threads = model, threads
        self._one = np.empty((1, width))  # to make a table takes longer than to fill it with a row

    def predict(self, rows: Rows) -> list[list[float]]:
        """One list of outputs a row."""
        count = len(rows)
        if count == 1:
            table = self._one
            table[0] = rows.values
        else:
            table = np.array(rows.values, np.float64).reshape(count, rows.width)
        scores = self._model.predict(table, n_jobs=self._threads)
        outputs: list[list[float]] = scores.reshape(count, -1).tolist()
        return outputs
