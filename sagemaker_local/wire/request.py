"""Request bodies: parsed and checked against the input shape, with the words AWS uses.

Two steps, as on AWS: a value of the wrong JSON type is a `SerializationException`; then every broken
constraint is collected into one `ValidationException`: `2 validation errors detected: Value 'x' at
'trainingJobName' failed to satisfy constraint: ...; Value null at 'roleArn' failed to ...`.

A member that the model does not know is dropped, as AWS drops it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from sagemaker_local.wire import documented
from sagemaker_local.wire.constraints import Violation, check, member_path
from sagemaker_local.wire.errors import serialization, validation

_JSON_NAMES = {
    bool: "Boolean",
    int: "Integer",
    float: "Double",
    str: "String",
    list: "List",
    dict: "Structure",
}
_ACCEPTED: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "blob": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
    "boolean": (bool,),
}
_BITS = {"integer": 32, "long": 64}


def parse_request(operation: OperationModel, body: bytes) -> dict[str, Any]:
    """The members of a request, nulls left out; raises ServiceError in AWS's words."""
    document = _load(body)
    shape = operation.input_shape
    if shape is None:
        return {}
    members = _typed(shape, document, "")
    violations = list(check(shape, members, ""))
    if violations:
        raise validation(_sentence(violations))
    assert isinstance(members, dict)  # noqa: S101 - an input shape is a structure
    unsaid = next(documented.broken(shape, members), None)
    if unsaid:
        raise validation(unsaid)
    return members


def _load(body: bytes) -> Any:
    try:
        document = json.loads(body or b"{}", parse_constant=_refuse_constant)
        if b"\\ud" in body.lower():  # half of a surrogate pair is a character that no text can have
            json.dumps(document, ensure_ascii=False).encode()
        return document
    except (ValueError, RecursionError) as error:
        raise serialization(f"The request body is not JSON: {error}") from error


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _sentence(violations: list[Violation]) -> str:
    count = len(violations)
    noun = "error" if count == 1 else "errors"
    return f"{count} validation {noun} detected: " + "; ".join(str(each) for each in violations)


def _typed(shape: Shape, value: Any, path: str) -> Any:
    _check_type(shape, value, path)
    if isinstance(shape, StructureShape):
        return _typed_structure(shape, value, path)
    if isinstance(shape, ListShape):
        return [_typed(shape.member, item, f"{path}.{n}.member") for n, item in enumerate(value, 1)]
    if isinstance(shape, MapShape):
        return {key: _typed(shape.value, item, f"{path}.{key}") for key, item in value.items()}
    return value


def _check_type(shape: Shape, value: Any, path: str) -> None:
    accepted = _ACCEPTED[shape.type_name]
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        found = _JSON_NAMES.get(type(value), "null")
        raise serialization(f"{found} at '{path or shape.name}' can not be converted to {shape.type_name}")
    if not _fits(shape.type_name, value):
        raise serialization(f"The number at '{path or shape.name}' is out of range of {shape.type_name}")


def _fits(kind: str, value: Any) -> bool:
    """Integers have 32 bits and longs 64; JSON such as 1e999 is no number that a float can hold."""
    if kind in _BITS:
        limit: int = 2 ** (_BITS[kind] - 1)
        return -limit <= int(value) < limit
    return not isinstance(value, int | float) or abs(value) <= sys.float_info.max


def _typed_structure(shape: StructureShape, value: dict[str, Any], path: str) -> dict[str, Any]:
    members = shape.members
    return {
        name: _typed(members[name], item, member_path(path, name))
        for name, item in value.items()
        if name in members and item is not None
    }
