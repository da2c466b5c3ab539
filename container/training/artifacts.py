"""The model folder: XGBoost's own UBJSON, which holds numbers and never code, the code books, and how it came to be."""

import json
from pathlib import Path

import xgboost

from container.features.encoding import FILE_NAME, write_encoding
from container.training.dataset import Dataset
from container.training.fit import Fitted
from container.training.hyperparameters import Hyperparameters


def save_model(folder: Path, fitted: Fitted, hyperparameters: Hyperparameters, data: Dataset) -> None:
    """Write model.ubj, metadata.json and, by a contract, encoding.json; the same training writes the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    metadata = {
        "framework": f"xgboost {xgboost.__version__}",
        "objective": hyperparameters.objective,
        "num_class": hyperparameters.num_class,
        "feature_count": int(data.train.features.shape[1]),
        "rounds": fitted.best_round + 1,
        "stopped": fitted.stopped,
        "training_rows": len(data.train.labels),
        "validation_rows": len(data.validation.labels) if data.validation else 0,
        "scores": _scores_of_round(fitted),
        "hyperparameters": dict(hyperparameters.xgboost),
    }
    fitted.booster.save_model(folder / "model.ubj")
    if data.encoding is not None:
        (folder / FILE_NAME).write_bytes(write_encoding(data.encoding))
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=2, sort_keys=True) + "\n")


def _scores_of_round(fitted: Fitted) -> dict[str, float]:
    return {
        f"{channel}-{metric}": history[fitted.best_round]
        for channel, metrics in fitted.scores.items()
        for metric, history in metrics.items()
    }
