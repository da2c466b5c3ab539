"""Logistic regression on words and numbers, trained by SageMaker's script mode.

Channels train and (optional) validation: JSON Lines, the target first, as the class's index. Writes model.json (the
fitted numbers: a pickle could hold code) and code/inference.py, which serves it.
"""

import argparse
import json
import os
import shutil
from pathlib import Path

import numpy as np
from inference import filled, probabilities
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--strength", type=float, default=1.0, help="of the regularisation")
    options = parser.parse_args()
    rows = read_channel("TRAIN")
    if not rows:
        raise SystemExit("channel train is missing")
    model = fitted(rows, options.strength)
    report("validation", model, read_channel("VALIDATION"))
    save(model, Path(os.environ["SM_MODEL_DIR"]))


def read_channel(name: str) -> list[tuple[int, dict[str, object]]]:
    """(class, what is known of the row) for every row of every file; the first member of a row is the target."""
    folder = os.environ.get(f"SM_CHANNEL_{name}")
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file()) if folder else []
    rows = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    return [(int(row.pop(next(iter(row)))), row) for row in rows]


def fitted(rows: list[tuple[int, dict[str, object]]], strength: float) -> dict:
    """All that serving needs. means: what stands in for a number that is missing."""
    numbers = {name for _, row in rows for name, value in row.items() if isinstance(value, (int, float))}
    known = {name: [row[name] for _, row in rows if row[name] is not None] for name in numbers}
    means = {name: float(np.mean(values)) for name, values in known.items()}
    columns, table = list(rows[0][1]), DictVectorizer(sparse=False)
    features = table.fit_transform([filled(row, means) for _, row in rows])
    scaler = StandardScaler().fit(features)
    regression = LogisticRegression(C=1 / strength, max_iter=1000)
    regression.fit(scaler.transform(features), [label for label, _ in rows])
    return {
        "columns": columns,
        "means": means,
        "features": list(table.feature_names_),
        "mean": scaler.mean_.tolist(),
        "scale": scaler.scale_.tolist(),
        "coefficients": regression.coef_.tolist(),
        "intercepts": regression.intercept_.tolist(),
    }


def report(channel: str, model: dict, rows: list[tuple[int, dict[str, object]]]) -> None:
    """One line of metrics, for the job's MetricDefinitions; none without rows."""
    if rows:
        said = probabilities(model, [row for _, row in rows]).argmax(axis=1)
        print(f"{channel}-accuracy={np.mean(said == [label for label, _ in rows]):.5f}", flush=True)


def save(model: dict, folder: Path) -> None:
    (folder / "model.json").write_text(json.dumps(model))
    code = folder / "code"
    code.mkdir(exist_ok=True)
    shutil.copy(Path(__file__).with_name("inference.py"), code / "inference.py")


if __name__ == "__main__":
    main()
