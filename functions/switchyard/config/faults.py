"""What is wrong with a field of pipeline.yaml, in words that say what to write instead."""

from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

_KINDS_OF_SCALARS = {"str", "int", "float", "bool"}
_READ_BY_YAML = (bool, int, float, type(None))


def first_fault(error: ValidationError, spec: type[BaseModel]) -> str:
    """The first field that is wrong, why, and how many more are."""
    faults = error.errors(include_url=False)
    first, found = faults[0], faults[0]["loc"]
    of_it = [each["loc"][-1] for each in faults if each["loc"][:-1] == found[:-1]]
    is_scalar = len(found) > 1 and len(_KINDS_OF_SCALARS.intersection(map(str, of_it))) > 1
    place = found[:-1] if is_scalar else found
    others = {
        each["loc"][:-1] if str(each["loc"][-1]) in _KINDS_OF_SCALARS else each["loc"] for each in faults
    }
    more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
    said = "expected a text, a number or a boolean" if is_scalar else first["msg"]
    return f"{'.'.join(map(str, place))}: {said}{_hint(first, spec)}{more}"


def _hint(fault: Any, spec: type[BaseModel]) -> str:
    *parents, name = fault["loc"]
    if fault["type"] == "extra_forbidden":
        close = get_close_matches(str(name).lower(), _fields(spec, parents), 1, 0.6)
        return f"; did you mean '{close[0]}'?" if close else ""
    if fault["type"] == "missing" and isinstance(fault["input"], dict):
        keys = {str(key).lower(): str(key) for key in fault["input"] if key != name}
        meant = get_close_matches(str(name), keys, 1, 0.6)
        return f"; '{keys[meant[0]][:60]}' was found: did you mean '{name}'?" if meant else ""
    if isinstance(fault["input"], type(None)):
        return "; nothing stands there: give it a value, or leave the line out"
    if fault["type"] == "string_type" and isinstance(fault["input"], _READ_BY_YAML):
        return "; YAML reads it as another kind of value: put it in quotes"
    return ""


def _fields(spec: type[BaseModel], path: list[Any]) -> list[str]:
    """The fields that are known where a path leads."""
    for name in path:
        field = spec.model_fields.get(str(name))
        kinds = [field.annotation, *get_args(field.annotation)] if field else []
        inner = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not inner:
            return []
        spec = inner[0]
    return list(spec.model_fields)
