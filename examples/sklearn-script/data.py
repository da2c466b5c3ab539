"""Writes holdout.csv, first.csv and second.csv to a folder: `python examples/sklearn-script/data.py /tmp/diabetes`.

442 patients: ten measurements, and how far diabetes progressed within a year (B. Efron et al., "Least Angle
Regression", 2004), as the data set ships inside scikit-learn (BSD-3-Clause).
"""

import random
import sys
from pathlib import Path

from sklearn.datasets import load_diabetes

HOLDOUT, FIRST = 140, 150
SEED = 3


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    bunch = load_diabetes(scaled=False)
    rows = [[label, *features] for label, features in zip(bunch.target, bunch.data, strict=True)]
    random.Random(SEED).shuffle(rows)  # noqa: S311 - a repeatable shuffle, not a secret
    header = ",".join(["progression", *bunch.feature_names])
    parts = {"holdout": rows[:HOLDOUT], "first": rows[HOLDOUT : HOLDOUT + FIRST], "second": rows[HOLDOUT:]}
    for name, part in parts.items():
        lines = [header, *(",".join(f"{value:g}" for value in row) for row in part), ""]
        (folder / f"{name}.csv").write_text("\n".join(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
