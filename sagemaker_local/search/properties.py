"""The properties that a search may name: those of the shapes that SearchRecord holds, their kinds and their values."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation
from sagemaker_local.wire.model import service_model

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
# A fraction and a zone may follow.
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
TEXT, NUMBER, TIME, EITHER, WHOLE = "text", "number", "timestamp", "either", "whole"
_KINDS = {"string": TEXT, "boolean": TEXT, "timestamp": TIME} | dict.fromkeys(
    ("integer", "long", "float", "double"), NUMBER
)


def kind_of(resource: str, name: str) -> str:
    """Of a hyperparameter or a tag: EITHER; of a structure or a list: WHOLE.

    Raises ServiceError: "You must specify a valid property for the resource".
    """
    head, _, rest = name.partition(".")
    if head == "Metrics" and rest and resource == "TrainingJob":
        return NUMBER
    if head == "Tags" and rest not in ("", "Key", "Value"):
        return EITHER
    found = next((kind for shape in _roots(resource) if (kind := _kind(shape, name))), None)
    if found is None:
        raise validation(f"Unknown property name: {name} is no property of {resource}.")
    return found


def is_list(resource: str, name: str) -> bool:
    """Whether the property is a list. Raises ServiceError where it is none of the resource's."""
    kind_of(resource, name)
    return any(isinstance(_shape(shape, name), ListShape) for shape in _roots(resource))


def _shape(shape: Shape, name: str) -> Shape | None:
    head, _, rest = name.partition(".")
    found = shape.members.get(head) if isinstance(shape, StructureShape) else None
    return _shape(found, rest) if found is not None and rest else found


def _roots(resource: str) -> list[Shape]:
    """A found model is wrapped in a ModelDashboardModel; what it says itself can be named without the wrapping."""
    record = service_model().shape_for("SearchRecord")
    assert isinstance(record, StructureShape)  # noqa: S101 - as the API has it
    inner = [service_model().shape_for("Model")] if resource == "Model" else []
    return [record.members[resource], *inner]


def _kind(shape: Shape, name: str) -> str | None:
    if isinstance(shape, ListShape) and name:
        return _kind(shape.member, name)
    if isinstance(shape, MapShape) and name:
        return EITHER
    if not name:
        return _KINDS.get(shape.type_name, WHOLE)
    head, _, rest = name.partition(".")
    if not isinstance(shape, StructureShape) or head not in shape.members:
        return None
    return _kind(shape.members[head], rest)


def value_of(document: Any, name: str) -> Any:
    """`OutputDataConfig.S3OutputPath`: members by dots; None where there is none."""
    head, _, rest = name.partition(".")
    if not isinstance(document, dict):
        return None
    if head == "Metrics" and rest:
        return _metric(document, rest)
    if head == "Tags" and rest:
        return next((tag["Value"] for tag in document.get("Tags", []) if tag["Key"] == rest), None)
    if name in document or not rest:  # keys of maps may have dots themselves
        return document.get(name)
    return value_of(document.get(head), rest)


def _metric(document: Document, name: str) -> Any:
    values = [each["Value"] for each in document.get("FinalMetricDataList", []) if each["MetricName"] == name]
    return values[-1] if values else None


def read_number(text: str) -> float | None:
    """ "For numerical properties, Value must be an integer or floating-point decimal"; None for anything else."""
    return float(text) if _NUMBER.fullmatch(text) else None


def read_time(text: str) -> float:
    """ "For timestamp properties, Value must be an ISO 8601 date-time string": epoch seconds. Raises ServiceError."""
    try:
        if not _TIME.match(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise validation(
            f"'{text}' is no time: Value must be an ISO 8601 date-time string of the format YYYY-mm-dd'T'HH:MM:SS."
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
