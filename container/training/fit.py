"""Boosting, round by round, until the rounds are done, the validation score stalls or SageMaker says stop."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost

from container.training.channels import Table
from container.training.dataset import Dataset, Rows
from container.training.errors import TrainingError
from container.training.hyperparameters import Hyperparameters
from container.training.stopping import StopRequest

Scores = dict[str, dict[str, list[float]]]


class _StopWhenAsked(xgboost.callback.TrainingCallback):  # type: ignore[misc]
    def __init__(self, request: StopRequest) -> None:
        super().__init__()
        self._request = request

    def after_iteration(self, _model: object, _epoch: int, _scores: object) -> bool:
        return self._request.received


@dataclass(frozen=True)
class Fitted:
    """`best_round` is the index of the last round that the model keeps; scores hold every round that ran."""

    booster: xgboost.Booster
    best_round: int
    scores: Scores
    stopped: bool


def fit(hyperparameters: Hyperparameters, data: Dataset, stop: StopRequest, *, quiet: bool = False) -> Fitted:
    """Train, printing one line of scores a round. quiet: none, and no more is scored than early stopping reads.

    Raises TrainingError where the parameters do not fit the data.
    """
    if hyperparameters.early_stopping_rounds and data.validation is None:
        raise TrainingError("hyperparameter early_stopping_rounds needs a validation channel")
    if data.has_categories and hyperparameters.xgboost.get("tree_method") == "exact":
        raise TrainingError("hyperparameter tree_method exact cannot split categories: take hist or approx")
    matrices = {name: _matrix(rows, data) for name, rows in data.parts.items()}
    scores: Scores = {}
    booster = xgboost.train(
        _parameters(hyperparameters),
        matrices["train"],
        num_boost_round=hyperparameters.num_round,
        evals=[(matrix, name) for name, matrix in matrices.items() if not quiet or name == "validation"],
        evals_result=scores,
        early_stopping_rounds=hyperparameters.early_stopping_rounds,
        callbacks=[_StopWhenAsked(stop)],
        verbose_eval=not quiet,
    )
    last = booster.num_boosted_rounds() - 1
    best = booster.best_iteration if hyperparameters.early_stopping_rounds else last
    return Fitted(booster[: best + 1], best, scores, stop.received)


def predict(booster: xgboost.Booster, features: Table, data: Dataset) -> list[Any]:
    """Of each row a number, or one probability a class. data: whose columns these are."""
    rows = Rows(labels=np.zeros(len(features), np.float32), features=features)
    found: list[Any] = booster.predict(_matrix(rows, data)).tolist()
    return found


def _matrix(rows: Rows, data: Dataset) -> xgboost.DMatrix:
    return xgboost.DMatrix(
        rows.features,
        label=rows.labels,
        weight=rows.weights,
        feature_types=data.feature_types,
        enable_categorical=data.has_categories,
    )


def _parameters(hyperparameters: Hyperparameters) -> dict[str, object]:
    parameters: dict[str, object] = {"nthread": len(os.sched_getaffinity(0)), **hyperparameters.xgboost}
    if hyperparameters.eval_metrics:
        parameters["eval_metric"] = list(hyperparameters.eval_metrics)
    return parameters
