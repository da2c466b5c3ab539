"""Pipelines as pipeline.yaml gives them."""

from typing import Any

import yaml

from switchyard.contracts import pipeline as door
from switchyard.domain.labels import LabelStatistics
from switchyard.domain.pipeline import Pipeline

BINARY = LabelStatistics(10, {0.0, 1.0})


def text(model: str = "digits", **parts: Any) -> str:
    """A pipeline.yaml."""
    return yaml.safe_dump({"name": model, "target": "y", **parts})


def pipeline(hyperparameters: dict[str, Any] | None = None, **parts: Any) -> Pipeline:
    training = {"training": {"hyperparameters": hyperparameters}} if hyperparameters else {}
    return door.parse("digits", text(**training, **parts), BINARY)
