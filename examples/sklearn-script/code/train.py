"""Ridge regression, trained by SageMaker's script mode.

Channels train and (optional) validation: CSV without a header, the label first. Writes model.json (the fitted
numbers: a pickle could hold code) and code/inference.py, which serves it.
"""

from __future__ import annotations  # the image has Python 3.9

import argparse
import json
import os
import shutil
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--alpha", type=float, default=1.0)
    options = parser.parse_args()
    train, validation = read_channel("TRAIN"), read_channel("VALIDATION")
    if train is None:
        raise SystemExit("channel train is missing")
    model = make_pipeline(StandardScaler(), Ridge(alpha=options.alpha))
    model.fit(train[:, 1:], train[:, 0])
    report("train", model, train)
    if validation is not None:
        report("validation", model, validation)
    save(model, Path(os.environ["SM_MODEL_DIR"]))


def read_channel(name: str) -> np.ndarray | None:
    """All files of a channel, label first."""
    folder = os.environ.get(f"SM_CHANNEL_{name}")
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file()) if folder else []
    return np.concatenate([np.loadtxt(path, delimiter=",", ndmin=2) for path in files]) if files else None


def report(channel: str, model: object, rows: np.ndarray) -> None:
    """One line of metrics, for the job's MetricDefinitions."""
    predicted = model.predict(rows[:, 1:])
    error, share = mean_absolute_error(rows[:, 0], predicted), r2_score(rows[:, 0], predicted)
    print(f"{channel}-mae={error:.5f} {channel}-r2={share:.5f}", flush=True)


def save(model: object, folder: Path) -> None:
    scaler, ridge = model[0], model[-1]
    numbers = {
        "mean": scaler.mean_.tolist(),
        "scale": scaler.scale_.tolist(),
        "coefficients": ridge.coef_.tolist(),
        "intercept": float(ridge.intercept_),
    }
    (folder / "model.json").write_text(json.dumps(numbers))
    code = folder / "code"
    code.mkdir(exist_ok=True)
    shutil.copy(Path(__file__).with_name("inference.py"), code / "inference.py")


if __name__ == "__main__":
    main()
