"""What goes over the wire: CSV and JSON in, CSV and JSON out."""

from array import array
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import inf, nan

import orjson

from container.numeric_csv import FLOAT32_MAX, TOO_LARGE, RowError, Rows, parse_rows

CSV = "text/csv"
JSON = "application/json"

Decoder = Callable[[bytes, int], Rows]
Encoder = Callable[[list[list[float]]], bytes]


class RequestError(Exception):
    """A request that cannot be answered: an HTTP status and one sentence for the caller."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def decode_csv(body: bytes, width: int) -> Rows:
    """Rows of `width` features, no header, no label."""
    return parse_rows(body, width)


def decode_json(body: bytes, width: int) -> Rows:
    """`{"instances": [[1, 2.5, null], ...]}`; null is a missing value."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, f"the body is not JSON: {error}") from None
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list) or not instances:
        raise RequestError(400, 'the body must be {"instances": [[...], ...]} with at least one row')
    values = array("f")
    for row, instance in enumerate(instances, start=1):
        values.extend(_read_instance(row, instance, width))
    return Rows(values, width)


def _read_instance(row: int, instance: object, width: int) -> "array[float]":
    if not isinstance(instance, list):
        raise RowError(row, None, "a list of numbers is expected")
    if len(instance) != width:
        raise RowError(row, None, f"{len(instance)} fields found, {width} expected")
    if set(map(type, instance)) <= {int, float}:
        values = array("f", instance)
        if inf not in values and -inf not in values:
            return values
    return array("f", [_read_value(row, field, value) for field, value in enumerate(instance, start=1)])


def _read_value(row: int, field: int, value: object) -> float:
    if value is None:
        return nan
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise RowError(row, field, "not a number")
    if abs(value) > FLOAT32_MAX:
        raise RowError(row, field, TOO_LARGE)
    return float(value)


def encode_csv(scores: list[list[float]]) -> bytes:
    """One line a row; the outputs of a row are separated by commas."""
    return orjson.dumps(scores)[2:-2].replace(b"],[", b"\n") + b"\n"


def encode_json(scores: list[list[float]]) -> bytes:
    """`{"predictions": [...]}`: a number a row, or a list of class probabilities."""
    single = len(scores[0]) == 1
    return orjson.dumps({"predictions": [row[0] for row in scores] if single else scores})


DECODERS: Mapping[str, Decoder] = {CSV: decode_csv, JSON: decode_json}
ENCODERS: Mapping[str, Encoder] = {CSV: encode_csv, JSON: encode_json}


@lru_cache(maxsize=256)
def content_type_of(header: str) -> str:
    """The media type of a body; CSV when nothing is said. Raises RequestError 415."""
    media_type = _media_type(header) or CSV
    if media_type not in DECODERS:
        raise RequestError(415, f"Content-Type {media_type} is not supported: send {' or '.join(DECODERS)}")
    return media_type


@lru_cache(maxsize=256)
def accept_of(header: str) -> str:
    """The first media type that can be answered; CSV when nothing is said. Raises RequestError 406."""
    wanted = [_media_type(part) for part in header.split(",") if part.strip()] or [CSV]
    for media_type in wanted:
        if media_type in ENCODERS:
            return media_type
        if media_type in ("*/*", "text/*"):
            return CSV
        if media_type == "application/*":
            return JSON
    raise RequestError(406, f"Accept {header} cannot be answered: ask for {' or '.join(ENCODERS)}")


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()
