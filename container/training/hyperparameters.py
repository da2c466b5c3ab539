"""Hyperparameters: SageMaker hands every value over as a string; here they get their types and limits.

The names are XGBoost's own, the required one and the ranges those of SageMaker's built-in XGBoost.
"""

import difflib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from container.training.errors import TrainingError

Value = int | float | str
Reader = Callable[[str], Value]

OBJECTIVES = (
    "reg:squarederror",
    "reg:squaredlogerror",
    "reg:absoluteerror",
    "reg:pseudohubererror",
    "reg:logistic",
    "reg:gamma",
    "reg:tweedie",
    "count:poisson",
    "binary:logistic",
    "multi:softprob",
    "multi:softmax",
)
METRICS = ("rmse", "rmsle", "mae", "mape", "logloss", "error", "merror", "mlogloss", "auc", "aucpr")


@dataclass(frozen=True)
class Hyperparameters:
    """What `train` needs to know: `xgboost` goes to the library as it is."""

    num_round: int
    early_stopping_rounds: int | None
    eval_metrics: tuple[str, ...]
    xgboost: Mapping[str, Value]

    @property
    def objective(self) -> str:
        return str(self.xgboost["objective"])

    @property
    def num_class(self) -> int:
        return int(self.xgboost.get("num_class", 0))


def _integer(low: int, high: int = 2**31 - 1) -> Reader:
    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ValueError(f"an integer is expected, from {low} to {high}") from None
        if not low <= value <= high:
            raise ValueError(f"it must lie from {low} to {high}")
        return value

    return read


def _number(low: float, high: float = math.inf, *, above: bool = False) -> Reader:
    limits = f"{'above' if above else 'at least'} {low:g}" + (
        f" and at most {high:g}" if high < math.inf else ""
    )

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"a number is expected, {limits}") from None
        if not (low < value if above else low <= value) or not value <= high or math.isinf(value):
            raise ValueError(f"it must be {limits}")
        return value

    return read


def _one_of(*choices: str) -> Reader:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"it must be one of {', '.join(choices)}")
        return text

    return read


def _metrics(text: str) -> str:
    unknown = [name for name in text.split(",") if name.strip() not in METRICS]
    if unknown:
        raise ValueError(f"it must be a comma-separated list of {', '.join(METRICS)}")
    return text


READERS: Mapping[str, Reader] = {
    "num_round": _integer(1),
    "early_stopping_rounds": _integer(1),
    "objective": _one_of(*OBJECTIVES),
    "eval_metric": _metrics,
    "num_class": _integer(2),
    "seed": _integer(0),
    "nthread": _integer(1),
    "verbosity": _integer(0, 3),
    "tree_method": _one_of("auto", "exact", "approx", "hist"),
    "grow_policy": _one_of("depthwise", "lossguide"),
    "max_depth": _integer(0),
    "max_leaves": _integer(0),
    "max_bin": _integer(2),
    "max_cat_to_onehot": _integer(1),
    "max_cat_threshold": _integer(1),
    "max_delta_step": _number(0),
    "min_child_weight": _number(0),
    "eta": _number(0, 1),
    "gamma": _number(0),
    "alpha": _number(0),
    "lambda": _number(0),
    "subsample": _number(0, 1, above=True),
    "colsample_bytree": _number(0, 1, above=True),
    "colsample_bylevel": _number(0, 1, above=True),
    "colsample_bynode": _number(0, 1, above=True),
    "scale_pos_weight": _number(0),
    "base_score": _number(-math.inf),
    "num_parallel_tree": _integer(1),
    "tweedie_variance_power": _number(1, 2),
    "huber_slope": _number(0, above=True),
}


def load_hyperparameters(path: Path, classes: int = 0) -> Hyperparameters:
    """Read hyperparameters.json; `classes` is num_class where an objective needs it and it is not given.

    Raises TrainingError that names every faulty key at once.
    """
    try:
        given = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path.name} cannot be read: {error}") from None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise TrainingError(f"{path.name} must be one JSON object whose values are all strings")
    if classes and str(given.get("objective")).startswith("multi:"):
        given.setdefault("num_class", str(classes))
    return read_hyperparameters(given)


def read_hyperparameters(given: Mapping[str, str]) -> Hyperparameters:
    """Type and check the strings. Raises TrainingError that names every faulty key at once."""
    problems: list[str] = []
    values: dict[str, Value] = {}
    for name, text in given.items():
        if name.startswith("sagemaker_") or name == "_tuning_objective_metric":
            continue  # the SDK and the tuner add these for their own use
        try:
            values[name] = _read(name, text)
        except ValueError as error:
            problems.append(f"hyperparameter {name}: {error}")
    problems += _problems_together(values) if not problems else []
    if problems:
        raise TrainingError("; ".join(problems))
    return _assemble(values)


def _read(name: str, text: str) -> Value:
    if name in READERS:
        return READERS[name](text.strip())
    near = difflib.get_close_matches(name, READERS, n=1)
    raise ValueError(
        f"unknown; did you mean {near[0]}?" if near else f"unknown; known are {', '.join(READERS)}"
    )


def _problems_together(values: Mapping[str, Value]) -> list[str]:
    """Faults that no single value shows."""
    multiclass = str(values.get("objective", "")).startswith("multi:")
    problems = []
    if "num_round" not in values:
        problems.append("hyperparameter num_round is required: the number of boosting rounds")
    if multiclass and "num_class" not in values:
        problems.append(f"hyperparameter num_class is required by objective {values['objective']}")
    if not multiclass and "num_class" in values:
        problems.append("hyperparameter num_class needs objective multi:softprob or multi:softmax")
    return problems


def _assemble(values: dict[str, Value]) -> Hyperparameters:
    num_round = int(values.pop("num_round"))
    patience = values.pop("early_stopping_rounds", None)
    metrics = str(values.pop("eval_metric", ""))
    return Hyperparameters(
        num_round=num_round,
        early_stopping_rounds=None if patience is None else int(patience),
        eval_metrics=tuple(name.strip() for name in metrics.split(",") if name),
        xgboost={"objective": "reg:squarederror", "seed": 0, **values},
    )
