"""Boosting, with the log lines from which the algorithm's metrics are read: `[0]<tab>train-rmse:0.5`."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import xgboost

from sagemaker_local.images.xgboost_algorithm.checkpoints import Checkpoints, SaveEveryRound
from sagemaker_local.images.xgboost_algorithm.errors import UserError
from sagemaker_local.images.xgboost_algorithm.hyperparameters import Hyperparameters


class _StopWhenAsked(xgboost.callback.TrainingCallback):  # type: ignore[misc]
    def __init__(self, asked: Callable[[], bool]) -> None:
        super().__init__()
        self._asked = asked

    def after_iteration(self, _model: object, _epoch: int, _scores: object) -> bool:
        return self._asked()


def fit(
    hyperparameters: Hyperparameters,
    matrices: Mapping[str, xgboost.DMatrix],
    checkpoints: Checkpoints,
    stop: Callable[[], bool],
) -> xgboost.Booster:
    """Train on `train`, watch `train` and `validation`. Raises UserError for what XGBoost refuses in the data."""
    if hyperparameters.early_stopping_rounds and "validation" not in matrices:
        raise UserError("early_stopping_rounds needs a validation channel")
    for name, matrix in matrices.items():
        print(f"INFO:root:{name} matrix has {matrix.num_row()} rows and {matrix.num_col()} columns")
    for matrix in matrices.values():
        _check_labels(hyperparameters.booster, matrix)
    last = checkpoints.last()
    start = last[0] + 1 if last else 0
    if last:
        print(f"INFO:root:Checkpoint loaded from {last[1].name}: {start} rounds are done")
    booster = xgboost.train(
        _parameters(hyperparameters),
        matrices["train"],
        num_boost_round=max(hyperparameters.num_round - start, 0),
        evals=[(matrix, name) for name, matrix in matrices.items()],
        early_stopping_rounds=hyperparameters.early_stopping_rounds,
        xgb_model=str(last[1]) if last else None,
        callbacks=[_StopWhenAsked(stop), SaveEveryRound(checkpoints, start)],
    )
    if hyperparameters.early_stopping_rounds:
        booster = booster[: booster.best_iteration + 1]
    return booster


def _check_labels(booster: Mapping[str, Any], matrix: xgboost.DMatrix) -> None:
    """What XGBoost says of labels outside the range of the objective, before it has begun."""
    labels, objective = matrix.get_label(), str(booster.get("objective", ""))
    if objective.endswith(":logistic") and not ((labels >= 0) & (labels <= 1)).all():
        raise UserError("label must be in [0,1] for logistic regression")
    if objective.startswith("multi:") and not ((labels >= 0) & (labels < booster["num_class"])).all():
        raise UserError("label must be in [0, num_class)")


def _parameters(hyperparameters: Hyperparameters) -> dict[str, Any]:
    parameters = {"nthread": len(os.sched_getaffinity(0)), **hyperparameters.booster}
    if parameters.get("objective") == "reg:linear":  # XGBoost's old name
        parameters["objective"] = "reg:squarederror"
    if hyperparameters.eval_metrics:
        parameters["eval_metric"] = list(hyperparameters.eval_metrics)
    return parameters
