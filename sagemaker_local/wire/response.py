"""Answers: what the output shape names, and nothing else."""

from __future__ import annotations

from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape


def serialise(operation: OperationModel, answer: dict[str, Any] | None) -> dict[str, Any] | None:
    """The answer as JSON 1.1 members (timestamps are epoch seconds); None for an operation without output."""
    if operation.output_shape is None:
        return None
    members = _serialised(operation.output_shape, answer or {})
    assert isinstance(members, dict)  # noqa: S101 - an output shape is a structure
    return members


def _serialised(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        members = shape.members
        return {
            name: _serialised(members[name], item)
            for name, item in value.items()
            if name in members and item is not None
        }
    if isinstance(shape, ListShape):
        return [_serialised(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _serialised(shape.value, item) for key, item in value.items()}
    return float(value) if shape.type_name in ("float", "double", "timestamp") else value
