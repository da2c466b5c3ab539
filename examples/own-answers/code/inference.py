"""Serves the regression: text/csv rows of features in, {"penguins": [{"species": 0, "chances": [...]}, ...]} out."""

import csv
import io
import json
from pathlib import Path

import numpy as np


def model_fn(model_dir: str) -> dict:
    """The fitted numbers of training."""
    return json.loads((Path(model_dir) / "model.json").read_text())


def input_fn(data: str, content_type: str) -> list[list[str]]:
    if content_type != "text/csv":
        raise ValueError(f"Content-Type {content_type}: send text/csv")
    return list(csv.reader(io.StringIO(data)))


def predict_fn(rows: list[list[str]], model: dict) -> np.ndarray:
    """Fields come in the order of training; an empty one is missing."""
    known = [dict(zip(model["columns"], row)) for row in rows]
    return probabilities(
        model, [{name: typed(model, name, text) for name, text in row.items()} for row in known]
    )


def output_fn(chances: np.ndarray, _accept: str) -> tuple[str, str]:
    answers = [{"species": int(row.argmax()), "chances": row.tolist()} for row in chances]
    return json.dumps({"penguins": answers}), "application/json"


def typed(model: dict, name: str, text: str) -> object:
    """As JSON Lines would have it."""
    if not text:
        return None
    return float(text) if name in model["means"] else text


def filled(row: dict[str, object], means: dict[str, float]) -> dict[str, object]:
    """Numbers that are missing are the mean; words that are missing are left out."""
    found = {name: means.get(name) if value is None else value for name, value in row.items()}
    return {name: value for name, value in found.items() if value is not None}


def probabilities(model: dict, rows: list[dict[str, object]]) -> np.ndarray:
    """A row each, a class a column."""
    places = {name: place for place, name in enumerate(model["features"])}
    table = np.zeros((len(rows), len(places)))
    for at, row in enumerate(rows):
        for name, value in filled(row, model["means"]).items():
            place = places.get(f"{name}={value}" if isinstance(value, str) else name)
            if place is not None:  # a word that training did not see
                table[at, place] = 1.0 if isinstance(value, str) else value
    scaled = (table - model["mean"]) / model["scale"]
    raw = scaled @ np.array(model["coefficients"]).T + model["intercepts"]
    shares = np.exp(raw - raw.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)
