"""The name of the built-in XGBoost image, and a table for it to learn from."""

from __future__ import annotations

import random

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def table(classes: int, seed: int = 0, rows: int = 300) -> str:
    """CSV, label first: the label follows from the first feature; some values are missing."""
    draw = random.Random(seed)  # noqa: S311 - repeatable rows
    lines = []
    for _ in range(rows):
        features = [round(draw.uniform(0, classes), 3) for _ in range(4)]
        text = ",".join(
            str(value) if draw.random() > 0.03 or not at else "" for at, value in enumerate(features)
        )
        lines.append(f"{min(int(features[0]), classes - 1)},{text}")
    return "\n".join(lines) + "\n"
