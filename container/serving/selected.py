"""Answers by the classes' names, where SAGEMAKER_INFERENCE_OUTPUT asks for them.

The keys are those of SageMaker's own classification containers
(https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-automate-model-development-container-output.html):
"predicted_label: The label with the highest probability of predicting the correct label", "probability: ...
The probability of the predicted_label for binary and multiclass classification", "probabilities: The list of
probabilities for all corresponding classes", "labels: The list of all labels".
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

import orjson

from container.features.contract import did_you_mean
from container.serving.formats import CSV, JSON, JSON_LINES, Encoder, as_lines

BINARY, SOFTPROB, SOFTMAX = "binary:logistic", "multi:softprob", "multi:softmax"
_KEYS = ("predicted_label", "probability", "probabilities", "labels")

Label = str | int
Scores = list[list[float]]


class SelectionError(ValueError):
    """What is asked for cannot be answered by this model."""


class Selection:
    """Chosen keys of each row; `classes` without names are their numbers."""

    def __init__(self, asked: str, objective: str, classes: Sequence[str], outputs: int) -> None:
        self._keys = _keys(asked, objective)
        self._probabilities = _PROBABILITIES.get(objective)
        count = max(2 if objective == BINARY else outputs, len(classes))
        self._labels: list[Label] = [*classes, *range(len(classes), count)]

    @property
    def encoders(self) -> Mapping[str, Encoder]:
        return {CSV: self._csv, JSON: self._json, JSON_LINES: self._json_lines}

    def _answers(self, scores: Scores) -> Iterable[dict[str, object]]:
        for row in scores:
            known = self._known(row)
            yield {key: known[key] for key in self._keys}

    def _known(self, row: list[float]) -> dict[str, object]:
        if self._probabilities is None:
            return {"predicted_label": self._labels[int(row[0])], "labels": self._labels}
        probabilities = self._probabilities(row)
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        return {
            "predicted_label": self._labels[best],
            "probability": probabilities[best],
            "probabilities": probabilities,
            "labels": self._labels,
        }

    def _csv(self, scores: Scores) -> bytes:
        """A list is one field, written as JSON."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([_field(value) for value in answer.values()] for answer in self._answers(scores))
        return text.getvalue().encode()

    def _json(self, scores: Scores) -> bytes:
        return orjson.dumps({"predictions": list(self._answers(scores))})

    def _json_lines(self, scores: Scores) -> bytes:
        return as_lines(list(self._answers(scores)))


_PROBABILITIES: Mapping[str, Callable[[list[float]], list[float]]] = {
    BINARY: lambda row: [1 - row[0], row[0]],
    SOFTPROB: lambda row: row,
}


def _keys(asked: str, objective: str) -> list[str]:
    keys = [key.strip() for key in asked.split(",")]
    if unknown := next((key for key in keys if key not in _KEYS), None):
        raise SelectionError(f"{unknown!r} is no answer: {did_you_mean(unknown, _KEYS)}")
    if objective not in (*_PROBABILITIES, SOFTMAX):
        raise SelectionError(f"a model of objective {objective} has no classes: leave it out")
    if objective == SOFTMAX and {"probability", "probabilities"} & set(keys):
        raise SelectionError(f"{SOFTMAX} gives no probabilities: train with {SOFTPROB}")
    return keys


def _field(value: object) -> object:
    return orjson.dumps(value).decode() if isinstance(value, list) else value
