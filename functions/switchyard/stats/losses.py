"""What one prediction of one row costs, by problem: losses whose mean over rows is a metric."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

Prediction = float | Sequence[float]
Loss = Callable[[float, Any], float]
# Probabilities are moved this far from 0 and 1 before the logarithm: float32 models cannot say less.
CLIP = 1e-7
# Just beyond float32: what a model answers above is no number that it can mean, and a label below is 0 for it.
LARGEST, SMALLEST = 3.5e38, 1e-45


def usable(problem: str, y: float, prediction: Prediction) -> bool:
    """Is this a number (regression), a probability (binary), a probability for each class (multiclass)?"""
    if problem == "multiclass":
        values = prediction if isinstance(prediction, Sequence) else ()
        return int(y) < len(values) and all(math.isfinite(p) and 0 <= p <= 1 for p in values)
    if isinstance(prediction, Sequence) or not abs(prediction) <= LARGEST:
        return False
    return problem == "regression" or 0 <= prediction <= 1


def class_said(problem: str, prediction: Any) -> int:
    """The class with the largest probability; of two the second from one half on."""
    if problem == "binary":
        return int(prediction >= 0.5)
    return max(range(len(prediction)), key=prediction.__getitem__)


def surest(problem: str, y: float, prediction: Any) -> tuple[float, float]:
    """(probability, 1 if it came true) of class 1 of two, else of the class that is said."""
    if problem == "binary":
        return prediction, y
    said = class_said(problem, prediction)
    return prediction[said], float(said == int(y))


def quantile_name(quantile: float) -> str:
    """What the loss of a quantile is kept as."""
    return f"quantile_loss@{quantile!r}"


def quantile_loss(quantile: float, y: float, p: float) -> float:
    """Pinball loss: what lies above the prediction counts `quantile`, what lies below it the rest."""
    return quantile * (y - p) if y >= p else (1 - quantile) * (p - y)


def percentage_error(y: float, p: float) -> float:
    """Distance from the label as a share of it; the label is not 0."""
    return abs(p - y) / abs(y)


def losses_of(problem: str, quantiles: Sequence[float] = ()) -> dict[str, Loss]:
    """Each loss that is kept of a problem, by its name."""
    return {**LOSSES[problem], **{quantile_name(q): partial(quantile_loss, q) for q in quantiles}}


def _surprise(probability: float) -> float:
    return -math.log(min(max(probability, CLIP), 1 - CLIP))


def _squares(y: float, p: Sequence[float]) -> float:
    return math.fsum((each - (index == int(y))) ** 2 for index, each in enumerate(p))


LOSSES: Mapping[str, Mapping[str, Loss]] = {
    "binary": {
        "accuracy": lambda y, p: float((p >= 0.5) != (y == 1)),
        "log_loss": lambda y, p: _surprise(p if y == 1 else 1 - p),
        "brier": lambda y, p: (p - y) ** 2,
    },
    "multiclass": {
        "accuracy": lambda y, p: float(class_said("multiclass", p) != int(y)),
        "log_loss": lambda y, p: _surprise(p[int(y)]),
        "brier": _squares,
    },
    "regression": {
        "squared_error": lambda y, p: (p - y) ** 2,
        "absolute_error": lambda y, p: abs(p - y),
    },
}
