"""The instances of a JSON or JSON Lines body: lists by position, or objects."""

import orjson

from container.numeric_csv import RowError, unix_lines
from container.serving.formats import RequestError


def instances_of_json(body: bytes) -> list[object]:
    """`{"instances": [...]}` with at least one. Raises RequestError."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, f"the body is not JSON: {error}") from None
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list) or not instances:
        raise RequestError(400, 'the body must be {"instances": [[...], ...]} with at least one row')
    return instances


def instances_of_json_lines(body: bytes) -> list[object]:
    """One instance a line. Raises RowError."""
    lines = unix_lines(body).split(b"\n")
    return [_instance(row, line) for row, line in enumerate(lines, start=1)]


def _instance(row: int, line: bytes) -> object:
    if not line.strip():
        raise RowError(row, None, "the row is empty")
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise RowError(row, None, f"it is not JSON: {error}") from None


def unwrapped(instance: object) -> object:
    """SageMaker's algorithms also take a row by position as `{"features": [...]}`."""
    if isinstance(instance, dict) and instance.keys() == {"features"}:
        return instance["features"]
    return instance
