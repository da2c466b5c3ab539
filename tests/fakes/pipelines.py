"""Pipelines as pipeline.yaml gives them."""

from typing import Any

import yaml

from switchyard.config import door
from switchyard.core.data.target import LabelStatistics
from switchyard.core.pipeline import Pipeline

BINARY = LabelStatistics(10, {0.0, 1.0})


def text(model: str = "digits", **parts: Any) -> str:
    """A pipeline.yaml."""
    return yaml.safe_dump({"name": model, "target": "y", **parts})


def pipeline(hyperparameters: dict[str, Any] | None = None, **parts: Any) -> Pipeline:
    training: dict[str, Any] = {"training": {"hyperparameters": hyperparameters}} if hyperparameters else {}
    return door.parse("digits", text(**training, **parts), BINARY)
