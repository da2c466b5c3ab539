"""What model servers answer, in the shapes that AWS's images and our own give it."""

import json
import re
from typing import Any

from switchyard.core.data.csv_line import lines_of

Rows = list[tuple[float, ...]]
NOT_JSON = object()
# As Python and NumPy write them where JSON has NaN and Infinity: numbers, of which none is finite.
_NOT_FINITE = re.compile(r"(?<![\w.])(-?)(?:nan|(inf)(?:inity)?)(?![\w.])", re.IGNORECASE)


def parse(text: str, rows: int) -> Rows:
    """One tuple of numbers a row asked; ValueError when it is not numbers.

    Most servers answer a line a row. SageMaker's XGBoost answers all rows on one line: `0.1,0.9`, and for classes
    `[0.2, 0.8],[0.7, 0.3]` (sagemaker-xgboost-container, algorithm_mode/serve.py); as JSON the algorithms answer
    `{"predictions": [{"score": 0.8}]}`, and as JSON lines `{"score": 0.8}` (Common Data Formats, Inference). The
    servers of frameworks answer a list, of a number or a list a row.
    """
    try:
        return [_numbers(each) for each in _answers(text.strip(), rows)]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"not numbers: {type(error).__name__}") from None


def _answers(text: str, rows: int) -> list[Any]:
    whole = _json(text)
    if isinstance(whole, dict):
        return list(whole["predictions"]) if "predictions" in whole else [whole]
    if isinstance(whole, list):
        return [whole] if rows == 1 and len(whole) != 1 else whole
    lines = lines_of(_NOT_FINITE.sub(_as_json, text))
    if len(lines) == 1 and (rows > 1 or "[" in lines[0]):
        return list(json.loads(f"[{lines[0]}]"))
    return [_line(json.loads(f"[{line}]")) for line in lines]


def _as_json(found: re.Match[str]) -> str:
    return f"{found[1]}Infinity" if found[2] else "NaN"


def _line(fields: list[Any]) -> Any:
    return fields[0] if len(fields) == 1 else fields


def _json(text: str) -> Any:
    """The document that the text is as a whole, if it is an object or a list."""
    try:
        return json.loads(text) if text.startswith(("{", "[")) else NOT_JSON
    except ValueError:
        return NOT_JSON


def _numbers(value: Any) -> tuple[float, ...]:
    if isinstance(value, dict):
        value = value["score"]
    return tuple(float(each) for each in (value if isinstance(value, list) else [value]))
