"""The members of sagemaker-runtime's operations that travel as headers, held to botocore's service model."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import botocore.session
from botocore.model import Shape, StructureShape

from sagemaker_local.hosting.invoking import errors
from sagemaker_local.wire.constraints import Violation, broken, check, member_path, shown

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


def read(operation: str, endpoint: str, headers: Iterable[tuple[bytes, bytes]]) -> dict[str, Any]:
    """The members of one request, but for its body; header names in lower case. Raises InvocationError."""
    shapes, members, violations = _shapes(operation), {}, list(_name(operation, endpoint))
    for name, value in headers:
        if name in shapes:
            member, shape = shapes[name]
            members[member] = found = _typed(member, shape, value.decode("latin-1"))
            violations += [
                Violation(member_path("", member), shown(shape, found), each) for each in broken(shape, found)
            ]
    if violations:
        noun = "errors" if len(violations) > 1 else "error"
        raise errors.invalid(
            f"{len(violations)} validation {noun} detected: " + "; ".join(map(str, violations))
        )
    return members


def _name(operation: str, endpoint: str) -> Iterable[Violation]:
    return check(_input(operation).members["EndpointName"], endpoint, "endpointName")


def _typed(member: str, shape: Shape, value: str) -> str | int:
    if shape.type_name != "integer":
        return value
    if not _WHOLE.fullmatch(value):  # int() also reads 1_000, and digits of other scripts
        raise errors.invalid(f"{member} must be a whole number; found '{value[:20]}'.")
    return int(value)


@cache
def _shapes(operation: str) -> dict[bytes, tuple[str, Shape]]:
    """By header, in lower case."""
    return {
        shape.serialization["name"].lower().encode(): (member, shape)
        for member, shape in _input(operation).members.items()
        if shape.serialization.get("location") == "header"
    }


@cache
def _input(operation: str) -> StructureShape:
    model = botocore.session.get_session().get_service_model("sagemaker-runtime")
    shape = model.operation_model(operation).input_shape
    assert shape is not None  # noqa: S101 - each of these operations has one
    return shape
