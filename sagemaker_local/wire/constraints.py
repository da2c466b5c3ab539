"""The constraints of a shape: required, length, range, pattern, enum; broken ones in AWS's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from sagemaker_local.wire.matching import match_within
from sagemaker_local.wire.model import compiled

_PATTERN_CPU_SECONDS = 0.5  # hostile input must not buy minutes of backtracking


@dataclass(frozen=True)
class Violation:
    """One broken constraint: where, with which value, and what was asked."""

    path: str
    value: str | None
    constraint: str

    def __str__(self) -> str:
        shown = "null" if self.value is None else f"'{self.value}'"
        return f"Value {shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


def check(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    """Every constraint of `shape` that `value` (already of the right JSON types) breaks."""
    for constraint in broken(shape, value):
        yield Violation(path, shown(shape, value), constraint)
    if isinstance(shape, StructureShape):
        yield from _check_structure(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _check_list(shape, value, path)
    elif isinstance(shape, MapShape):
        yield from _check_map(shape, value, path)


def _check_structure(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[Violation]:
    for name, member in shape.members.items():
        inner = member_path(path, name)
        if name in value:
            yield from check(member, value[name], inner)
        elif name in shape.required_members:
            yield Violation(inner, None, "Member must not be null")


def _check_list(shape: ListShape, value: list[Any], path: str) -> Iterator[Violation]:
    if _nested(shape.member):
        for number, item in enumerate(value, 1):
            yield from check(shape.member, item, f"{path}.{number}.member")
    elif any(next(broken(shape.member, item), None) for item in value):
        yield Violation(path, shown(shape, value), f"Member must satisfy constraint: [{_all(shape.member)}]")


def _check_map(shape: MapShape, value: dict[str, Any], path: str) -> Iterator[Violation]:
    if any(next(broken(shape.key, key), None) for key in value):
        yield Violation(path, shown(shape, value), f"Map keys must satisfy constraint: [{_all(shape.key)}]")
    if _nested(shape.value):
        for key, item in value.items():
            yield from check(shape.value, item, f"{path}.{key}.member")
    elif any(next(broken(shape.value, item), None) for item in value.values()):
        yield Violation(
            path, shown(shape, value), f"Map value must satisfy constraint: [{_all(shape.value)}]"
        )


def broken(shape: Shape, value: Any) -> Iterator[str]:
    """The constraints of this shape alone (not of its members) that `value` breaks."""
    size, what = _measured(shape, value)
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if size is not None and high is not None and size > high:
        yield f"Member must have {what} less than or equal to {high}"
    if size is not None and low is not None and size < low:
        yield f"Member must have {what} greater than or equal to {low}"
    if isinstance(shape, StringShape):
        yield from _broken_text(shape, value)


def _measured(shape: Shape, value: Any) -> tuple[float | None, str]:
    if shape.type_name in ("string", "list", "map", "blob"):
        return len(value), "length"
    if shape.type_name in ("integer", "long", "float", "double"):
        return value, "value"
    return None, ""


def _broken_text(shape: StringShape, value: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        yield f"Member must satisfy regular expression pattern: {pattern}"


def _matches(pattern: str, value: str) -> bool:
    program = compiled(pattern)
    if program is None:
        return True
    try:
        return match_within(program.fullmatch, value, _PATTERN_CPU_SECONDS) is not None
    except TimeoutError:
        return False


def _all(shape: Shape) -> str:
    metadata = shape.metadata
    what = "value" if shape.type_name in ("integer", "long", "float", "double") else "length"
    stated = []
    if "max" in metadata:
        stated.append(f"Member must have {what} less than or equal to {metadata['max']}")
    if "min" in metadata:
        stated.append(f"Member must have {what} greater than or equal to {metadata['min']}")
    if isinstance(shape, StringShape) and shape.enum:
        stated.append(f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    if "pattern" in metadata:
        stated.append(f"Member must satisfy regular expression pattern: {metadata['pattern']}")
    return ", ".join(stated)


def _nested(shape: Shape) -> bool:
    return shape.type_name in ("structure", "list", "map")


def member_path(path: str, name: str) -> str:
    """`productionVariants.1.member.instanceType`: AWS lower-cases the first letter of each member."""
    lowered = name[:1].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def shown(shape: Shape, value: Any) -> str:
    """A value as a Java service prints it; secrets never."""
    if shape.metadata.get("sensitive"):
        return "***"
    if isinstance(shape, ListShape):
        return "[" + ", ".join(shown(shape.member, item) for item in value) + "]"
    if isinstance(shape, MapShape):
        return "{" + ", ".join(f"{key}={shown(shape.value, item)}" for key, item in value.items()) + "}"
    if isinstance(shape, StructureShape):
        members = (
            f"{member_path('', name)}={shown(shape.members[name], item)}" for name, item in value.items()
        )
        return f"{shape.name}({', '.join(members)})"
    return str(value)
