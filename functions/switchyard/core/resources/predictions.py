"""What model servers answer to text/csv, in the shapes that AWS's images and our own give it."""

import json
from typing import Any

Rows = list[tuple[float, ...]]


def parse(text: str, rows: int) -> Rows:
    """One tuple of numbers a row asked; ValueError when it is not numbers.

    Most servers answer a line a row. SageMaker's XGBoost answers all rows on one line: `0.1,0.9`, and for classes
    `[0.2, 0.8],[0.7, 0.3]` (sagemaker-xgboost-container, algorithm_mode/serve.py).
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) == 1 and (rows > 1 or "[" in lines[0]):
        return [_numbers(each) for each in json.loads(f"[{lines[0]}]")]
    return [_numbers(json.loads(f"[{line}]")) for line in lines]


def _numbers(value: Any) -> tuple[float, ...]:
    found: list[Any] = value if isinstance(value, list) else [value]
    if len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    return tuple(float(each) for each in found)
