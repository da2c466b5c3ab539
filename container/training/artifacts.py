"""The model folder: XGBoost's own UBJSON, which holds numbers and never code, and how it came to be."""

import json
from pathlib import Path

import xgboost

from container.training.channels import Channel
from container.training.fit import Fitted
from container.training.hyperparameters import Hyperparameters


def save_model(
    folder: Path,
    fitted: Fitted,
    hyperparameters: Hyperparameters,
    train: Channel,
    validation: Channel | None,
) -> None:
    """Write model.ubj and metadata.json; the same training writes the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    metadata = {
        "framework": f"xgboost {xgboost.__version__}",
        "objective": hyperparameters.objective,
        "num_class": hyperparameters.num_class,
        "feature_count": int(train.features.shape[1]),
        "rounds": fitted.best_round + 1,
        "stopped": fitted.stopped,
        "training_rows": len(train.labels),
        "validation_rows": len(validation.labels) if validation else 0,
        "scores": _scores_of_round(fitted),
        "hyperparameters": dict(hyperparameters.xgboost),
    }
    fitted.booster.save_model(folder / "model.ubj")
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=2, sort_keys=True) + "\n")


def _scores_of_round(fitted: Fitted) -> dict[str, float]:
    return {
        f"{channel}-{metric}": history[fitted.best_round]
        for channel, metrics in fitted.scores.items()
        for metric, history in metrics.items()
    }
