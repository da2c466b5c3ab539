"""The hyperparameters of the algorithm: names, ranges and refusals as its container words them.

"XGBoost hyperparameters" in the developer guide; all values come as strings.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sagemaker_local.images.xgboost_algorithm.errors import UserError
from sagemaker_local.images.xgboost_algorithm.metrics import MAXIMIZED, MINIMIZED, NOT_HERE

OBJECTIVES = (
    "binary:logistic",
    "binary:logitraw",
    "binary:hinge",
    "count:poisson",
    "multi:softmax",
    "multi:softprob",
    "rank:pairwise",
    "rank:ndcg",
    "rank:map",
    "reg:linear",
    "reg:squarederror",
    "reg:logistic",
    "reg:gamma",
    "reg:pseudohubererror",
    "reg:squaredlogerror",
    "reg:absoluteerror",
    "reg:tweedie",
    "survival:aft",
    "survival:cox",
)
ALIASES = {
    "learning_rate": "eta",
    "min_split_loss": "gamma",
    "reg_lambda": "lambda",
    "reg_alpha": "alpha",
}
_THRESHOLDED = ("error", "ndcg", "map")
_LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Interval:
    """A range of numbers; a bound that is open does not belong to it."""

    low: float
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    def __str__(self) -> str:
        low = f"{'(' if self.low_open else '['}{self.low:g}"
        high = "+inf)" if self.high == math.inf else f"{self.high:g}{')' if self.high_open else ']'}"
        return f"{low}, {high}"


@dataclass(frozen=True)
class Kind:
    """How a value is read and what it may be; `range` None: the reader has judged it."""

    read: Callable[[str], Any]
    range: Any = None


def _integer(low: float, high: float = math.inf, *, low_open: bool = False) -> Kind:
    return Kind(int, Interval(low, high, low_open))


def _real(low: float, high: float = math.inf, *, low_open: bool = False, high_open: bool = False) -> Kind:
    return Kind(float, Interval(low, high, low_open, high_open))


def _one_of(*choices: str) -> Kind:
    return Kind(str, choices)


def _metrics(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


KINDS: Mapping[str, Kind] = {
    "num_round": _integer(1),
    "csv_weights": _integer(0, 1),
    "early_stopping_rounds": _integer(1),
    "booster": _one_of("gbtree", "gblinear", "dart"),
    "verbosity": _integer(0, 3),
    "nthread": _integer(1),
    "eta": _real(0, 1),
    "gamma": _real(0),
    "max_depth": _integer(0),
    "min_child_weight": _real(0),
    "max_delta_step": _real(0),
    "subsample": _real(0, 1, low_open=True),
    "colsample_bytree": _real(0, 1, low_open=True),
    "colsample_bylevel": _real(0, 1, low_open=True),
    "colsample_bynode": _real(0, 1, low_open=True),
    "lambda": _real(0),
    "alpha": _real(0),
    "tree_method": _one_of("auto", "exact", "approx", "hist"),
    "sketch_eps": _real(0, 1, low_open=True, high_open=True),
    "scale_pos_weight": _real(0, low_open=True),
    "updater": Kind(str),
    "dsplit": _one_of("row", "col"),
    "refresh_leaf": _integer(0, 1),
    "process_type": _one_of("default", "update"),
    "grow_policy": _one_of("depthwise", "lossguide"),
    "max_leaves": _integer(0),
    "max_bin": _integer(0),
    "predictor": _one_of("auto", "cpu_predictor"),
    "monotone_constraints": Kind(str),
    "interaction_constraints": Kind(json.loads),
    "sample_type": _one_of("uniform", "weighted"),
    "normalize_type": _one_of("tree", "forest"),
    "rate_drop": _real(0, 1),
    "one_drop": _integer(0, 1),
    "skip_drop": _real(0, 1),
    "lambda_bias": _real(0, 1),
    "tweedie_variance_power": _real(1, 2, low_open=True, high_open=True),
    "objective": _one_of(*OBJECTIVES),
    "num_class": _integer(2),
    "base_score": _real(0),
    "_tuning_objective_metric": _one_of(*(f"validation:{name}" for name in (*MAXIMIZED, *MINIMIZED))),
    "eval_metric": Kind(_metrics),
    "seed": _integer(-(2**31), _LARGEST, low_open=True),
    "num_parallel_tree": _integer(1),
    "save_model_on_termination": _one_of("true", "false"),
    "aft_loss_distribution": _one_of("normal", "logistic", "extreme"),
    "aft_loss_distribution_scale": _real(0),
    "single_precision_histogram": _one_of("true", "false"),
    "deterministic_histogram": _one_of("true", "false"),
    "sampling_method": _one_of("uniform", "gradient_based"),
}
# The algorithm's own, and what XGBoost itself has dropped since.
_NOT_FOR_XGBOOST = {
    *("num_round", "csv_weights", "early_stopping_rounds", "save_model_on_termination"),
    *("_tuning_objective_metric", "eval_metric"),
    *("sketch_eps", "dsplit", "predictor", "lambda_bias"),
    *("single_precision_histogram", "deterministic_histogram"),
}


@dataclass(frozen=True)
class Hyperparameters:
    """What training needs; `booster` goes to XGBoost as it is."""

    num_round: int
    early_stopping_rounds: int | None
    eval_metrics: tuple[str, ...]
    csv_weights: bool
    save_model_on_termination: bool
    booster: Mapping[str, Any]


def read_hyperparameters(given: Mapping[str, str]) -> Hyperparameters:
    """Type and check the strings of hyperparameters.json. Raises UserError in the algorithm's words."""
    strings = {ALIASES.get(name, name): text for name, text in given.items()}
    if "num_round" not in strings:
        raise UserError("Missing required hyperparameter: num_round")
    values = {name: _read(name, text) for name, text in strings.items()}
    for name, value in values.items():
        _check_range(name, value)
    _check_together(values)
    return _assemble(values)


def _read(name: str, text: str) -> Any:
    if name in ("_kfold", "_num_cv_round"):
        raise UserError(f"Hyperparameter {name}: cross-validation is not supported by the local image")
    if name not in KINDS:
        raise UserError(f"Extraneous hyperparameter found: {name}")
    try:
        return KINDS[name].read(text)
    except ValueError:
        raise UserError(f"Hyperparameter {name}: could not parse value") from None


def _check_range(name: str, value: Any) -> None:
    allowed = KINDS[name].range
    if name == "eval_metric":
        for metric in value:
            _check_metric(metric)
    elif allowed is not None and value not in allowed:
        shown = list(allowed) if isinstance(allowed, tuple) else allowed
        raise UserError(f"Hyperparameter {name}: {value} is not in {shown}")


def _check_metric(metric: str) -> None:
    name, at, threshold = (part.strip() for part in metric.partition("@"))
    if at and name not in _THRESHOLDED:
        raise UserError(
            f"Metric '{metric}' is not supported. Parameter 'eval_metric' with customized threshold should be "
            "one of these options: 'error', 'ndcg', 'map'."
        )
    if at and not threshold.replace(".", "", 1).replace("-", "", 1).isdigit():
        raise UserError(f"Threshold value 't' in '{name}@t' expects float input.")
    if name not in (*MAXIMIZED, *MINIMIZED):
        raise UserError(f"Hyperparameter eval_metric: value {metric} not in range {[*MAXIMIZED, *MINIMIZED]}")
    if name in NOT_HERE:
        raise UserError(f"Metric '{name}' is not supported by the local image: use one of XGBoost's own")


def _check_together(values: Mapping[str, Any]) -> None:
    objective = values.get("objective", "reg:squarederror")
    if objective.startswith("multi:") and "num_class" not in values:
        raise UserError("Require input for parameter 'num_class' for multi-classification")
    if "objective" not in values and "num_class" in values:
        raise UserError(
            "Do not need to setup parameter 'num_class' for learning task other than multi-classification."
        )
    if "auc" in values.get("eval_metric", ()) and not objective.startswith(("binary:", "rank:")):
        raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")


def _assemble(values: dict[str, Any]) -> Hyperparameters:
    metrics = list(values.get("eval_metric", ()))
    tuned = str(values.get("_tuning_objective_metric", "")).partition(":")[2]
    if tuned and tuned not in metrics:
        metrics.append(tuned)
        _check_metric(tuned)
    return Hyperparameters(
        num_round=values["num_round"],
        early_stopping_rounds=values.get("early_stopping_rounds"),
        eval_metrics=tuple(metrics),
        csv_weights=values.get("csv_weights") == 1,
        save_model_on_termination=values.get("save_model_on_termination") == "true",
        booster={name: value for name, value in values.items() if name not in _NOT_FOR_XGBOOST},
    )
