"""The metrics that SageMaker's own algorithms write: their MetricDefinitions come with the image."""

from __future__ import annotations

from collections.abc import Mapping

from sagemaker_local.runtime.images import repository_and_tag
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation

_XGBOOST = ("sagemaker-xgboost", "xgboost")
_XGBOOST_METRICS = (
    *("accuracy", "auc", "aucpr", "error", "f1", "logloss", "mae", "map", "merror", "mlogloss", "mse"),
    *("ndcg", "precision", "r2", "recall", "rmse", "rmsle"),
)
_SCRIPT_MODE = "sagemaker_program"


def with_own_metrics(algorithm: Document, hyperparameters: Mapping[str, str]) -> Document:
    """An AlgorithmSpecification with its image's MetricDefinitions; raises ServiceError where it has others too."""
    own = _own_metrics(algorithm.get("TrainingImage", ""), hyperparameters)
    if not own:
        return algorithm
    if algorithm.get("MetricDefinitions", own) != own:
        raise validation(
            "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry the request "
            "without specifying metric definitions."
        )
    return algorithm | {"MetricDefinitions": own}


def _own_metrics(image: str, hyperparameters: Mapping[str, str]) -> list[Document]:
    """In script mode an algorithm's image is a framework's, and says nothing by itself."""
    repository = repository_and_tag(image).partition(":")[0]
    if repository not in _XGBOOST or _SCRIPT_MODE in hyperparameters:
        return []
    return [
        {"Name": f"{channel}:{metric}", "Regex": rf".*\[[0-9]+\].*#011{channel}-{metric}:(\S+)"}
        for channel in ("train", "validation")
        for metric in _XGBOOST_METRICS
    ]
