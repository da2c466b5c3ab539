"""What the algorithm's server reads and answers; the public container's statuses: 204, 400, 406, 415."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]
CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"


class FormatError(ValueError):
    """A body that cannot be read; the text names row and field, never their contents."""


def decode_csv(body: bytes, _width: int) -> Rows:
    """Rows of features: "CSV inference ... does not have the label column". An empty field is a missing value."""
    lines = body.decode("utf-8").strip("\r\n").splitlines()
    delimiter = next((each for each in ",;\t|" if each in lines[0]), ",")
    table = [
        [_number(row, at, field) for at, field in enumerate(line.split(delimiter), 1)]
        for row, line in enumerate(lines, 1)
    ]
    widths = {len(fields) for fields in table}
    if len(widths) > 1:
        raise FormatError(f"rows have {', '.join(map(str, sorted(widths)))} fields: all must have as many")
    return np.asarray(table, dtype=np.float32)


def decode_libsvm(body: bytes, width: int) -> Rows:
    """`[label] index:value ...`, indices from 0; what is not named is missing."""
    lines = body.decode("utf-8").strip("\r\n").splitlines()
    rows = np.full((len(lines), width), np.nan, dtype=np.float32)
    for row, line in enumerate(lines):
        for at, item in enumerate(line.split(), 1):
            index, colon, value = item.partition(":")
            if colon and at == 1 and not index.isdigit():
                continue  # a label with a weight
            if colon:
                rows[row, _index(row + 1, at, index, width)] = _number(row + 1, at, value)
    return rows


def _index(row: int, at: int, text: str, width: int) -> int:
    if not text.isdigit() or int(text) >= width:
        raise FormatError(f"row {row}, item {at}: the index must lie from 0 to {width - 1}")
    return int(text)


def _number(row: int, at: int, text: str) -> float:
    try:
        return float(text.strip() or "nan")
    except ValueError:
        raise FormatError(f"row {row}, field {at}: not a number") from None


def encode_csv(predictions: list[Any]) -> bytes:
    """One line a row; class probabilities as the container prints them: `[0.1, 0.7, 0.2]`."""
    return "".join(f"{prediction}\n" for prediction in predictions).encode()


def encode_json(predictions: list[Any]) -> bytes:
    """`{"predictions": [{"score": 0.4}, ...]}`."""
    return json.dumps({"predictions": [{"score": each} for each in predictions]}).encode()


def encode_json_lines(predictions: list[Any]) -> bytes:
    """`{"score": 0.4}` a line."""
    return "".join(json.dumps({"score": each}) + "\n" for each in predictions).encode()


DECODERS: Mapping[str, Callable[[bytes, int], Rows]] = {
    CSV: decode_csv,
    "text/libsvm": decode_libsvm,
    "text/x-libsvm": decode_libsvm,
}
ENCODERS: Mapping[str, Callable[[list[Any]], bytes]] = {
    CSV: encode_csv,
    JSON: encode_json,
    JSON_LINES: encode_json_lines,
}
