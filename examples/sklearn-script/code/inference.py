"""Serves the regression: text/csv rows of features in, one number a line out."""

import io
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler


def model_fn(model_dir: str) -> Pipeline:
    """The estimators of training, filled with the fitted numbers."""
    numbers = json.loads((Path(model_dir) / "model.json").read_text())
    scaler, ridge = StandardScaler(), Ridge()
    scaler.mean_, scaler.scale_ = np.array(numbers["mean"]), np.array(numbers["scale"])
    ridge.coef_, ridge.intercept_ = np.array(numbers["coefficients"]), numbers["intercept"]
    scaler.n_features_in_ = ridge.n_features_in_ = len(numbers["mean"])
    return make_pipeline(scaler, ridge)


def input_fn(data: str, content_type: str) -> np.ndarray:
    if content_type != "text/csv":
        raise ValueError(f"Content-Type {content_type}: send text/csv")
    return np.loadtxt(io.StringIO(data), delimiter=",", ndmin=2)


def output_fn(predicted: np.ndarray, _accept: str) -> tuple[str, str]:
    text = io.StringIO()
    np.savetxt(text, predicted, fmt="%.9g")
    return text.getvalue(), "text/csv"
