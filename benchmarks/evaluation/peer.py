"""The same figures by pandas and scikit-learn, in a process of its own: `peer.py FILE PROBLEM`, in .venvs/peers."""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import metrics as sk

from benchmarks.memory import peak_megabytes

Columns = Mapping[str, Any]
ARMS, TENTHS = ("champion", "challenger"), np.array([at / 10 for at in range(1, 10)])


def main(path: Path, problem: str) -> dict[str, Any]:
    import pandas as pd  # of .venvs/peers alone

    began = time.process_time()
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    figures = figures_of({str(name): table[name].to_numpy() for name in table.columns}, problem)
    return {"cpu_s": time.process_time() - began, "peak_mb": peak_megabytes(), "figures": figures}


def figures_of(columns: Columns, problem: str) -> dict[str, float]:
    """Of a table's columns, by name."""
    found = {"rows": float(len(columns["label"]))} | PROBLEMS[problem](columns)
    return {name: float(value) for name, value in found.items()}


def binary(table: Columns) -> dict[str, float]:
    label, found, losses = table["label"], {}, []
    for arm in ARMS:
        scores = table[arm]
        said = scores >= 0.5
        found[f"auc {arm}"] = sk.roc_auc_score(label, scores)
        found[f"log_loss {arm}"] = sk.log_loss(label, scores)
        found[f"brier {arm}"] = sk.brier_score_loss(label, scores)
        found[f"accuracy {arm}"] = 1 - sk.accuracy_score(label, said)
        found[f"f1 {arm}"] = sk.f1_score(label, said)
        found[f"calibration {arm}"] = calibration(scores, label)
        losses.append(surprise(np.where(label == 1, scores, 1 - scores)))
    return found | paired("log_loss", *losses)


def multiclass(table: Columns) -> dict[str, float]:
    label, found, losses = table["label"], {}, []
    for arm in ARMS:
        scores = np.column_stack([table[f"{arm}_{at}"] for at in range(3)])
        said = scores.argmax(axis=1)
        for at in range(3):
            found[f"auc{at} {arm}"] = sk.roc_auc_score(label == at, scores[:, at])
        true = scores[np.arange(len(label)), label]
        losses.append(surprise(true))
        found[f"log_loss {arm}"] = losses[-1].mean()  # sk.log_loss divides by sums that rounding moves from 1
        found[f"brier {arm}"] = (np.square(scores).sum(axis=1) - 2 * true + 1).mean()
        found[f"accuracy {arm}"] = 1 - sk.accuracy_score(label, said)
        found[f"f1 {arm}"] = sk.f1_score(label, said, average="macro")
        found[f"calibration {arm}"] = calibration(scores.max(axis=1), said == label)
    return found | paired("log_loss", *losses)


def regression(table: Columns) -> dict[str, float]:
    label, found, losses = table["label"], {}, []
    for arm in ARMS:
        scores = table[arm]
        found[f"squared_error {arm}"] = sk.mean_squared_error(label, scores)
        found[f"absolute_error {arm}"] = sk.mean_absolute_error(label, scores)
        found[f"percentage_error {arm}"] = sk.mean_absolute_percentage_error(label, scores)
        found[f"r2 {arm}"] = sk.r2_score(label, scores)
        losses.append(np.square(scores - label))
    return found | paired("squared_error", *losses) | wape(*(table[name] for name in ("label", *ARMS)))


def wape(label: Any, *said: Any) -> dict[str, float]:
    """Absolute errors as a share of the labels' sizes, and the difference's error by the delta method."""
    sizes = np.abs(label)
    size = sizes.mean()
    losses = [np.abs(scores - label) for scores in said]
    old, new = (loss.mean() / size for loss in losses)
    apart = (losses[1] - losses[0] + (old - new) * sizes) / size
    error = apart.std(ddof=1) / np.sqrt(len(apart))
    return {"wape champion": old, "wape challenger": new, "wape error": error}


def surprise(probability: Any) -> Any:
    return -np.log(np.clip(probability, 1e-7, 1 - 1e-7))


def paired(name: str, champion: Any, challenger: Any) -> dict[str, float]:
    difference = challenger - champion
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return {f"{name} difference": float(difference.mean()), f"{name} error": float(error)}


def calibration(scores: Any, came: Any) -> float:
    """Expected calibration error of ten bins of one width."""
    bins = np.digitize(scores, TENTHS, right=True)
    surplus = np.bincount(bins, weights=scores - came, minlength=10)
    return float(np.abs(surplus).sum() / len(scores))


PROBLEMS = {"binary": binary, "multiclass": multiclass, "regression": regression}

if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))
