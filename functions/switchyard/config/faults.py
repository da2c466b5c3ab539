"""What is wrong with a field of pipeline.yaml, in words that say what to write instead."""

from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

_KINDS_OF_SCALARS = {"str", "int", "float", "bool"}
_READ_BY_YAML = (bool, int, float, type(None))
_SAID = {  # instead of pydantic's words, which name what Python has
    **dict.fromkeys(
        ("model_type", "model_attributes_type", "dict_type"), "expected a mapping, `key: value` lines"
    ),
    **dict.fromkeys(("tuple_type", "list_type"), "expected a list, as [a, b]"),
}


def first_fault(error: ValidationError, spec: type[BaseModel]) -> str:
    """The first field that is wrong, why, and how many more are."""
    faults = [_plainly(each) for each in error.errors(include_url=False) if not _is_other_form(each)]
    first, found = faults[0], faults[0]["loc"]
    of_it = [each["loc"][-1] for each in faults if each["loc"][:-1] == found[:-1]]
    is_scalar = len(found) > 1 and len(_KINDS_OF_SCALARS.intersection(map(str, of_it))) > 1
    place = found[:-1] if is_scalar else found
    others = {
        each["loc"][:-1] if str(each["loc"][-1]) in _KINDS_OF_SCALARS else each["loc"] for each in faults
    }
    more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
    if not is_scalar and len(place) > 1 and place[-1] == "str" and first["type"] == "string_type":
        return f"{'.'.join(map(str, place[:-1]))}: expected a text, or a mapping{more}"
    said = "expected a text, a number or a boolean" if is_scalar else _SAID.get(first["type"], first["msg"])
    return f"{'.'.join(map(str, place))}: {said}{_hint(first, spec)}{more}"


def _is_other_form(fault: Any) -> bool:
    """Of a part that is a text or a mapping: what a mapping is no text for."""
    return fault["loc"][-1] == "str" and fault["type"] == "string_type" and isinstance(fault["input"], dict)


def _plainly(fault: Any) -> Any:
    """Without the names of our own classes in the way to it."""
    return {**fault, "loc": tuple(each for each in fault["loc"] if not str(each).endswith("Spec"))}


def _hint(fault: Any, spec: type[BaseModel]) -> str:
    *parents, name = fault["loc"]
    if fault["type"] == "extra_forbidden":
        close = get_close_matches(str(name).lower(), _fields(spec, parents), 1, 0.6)
        if close:
            return f"; did you mean '{close[0]}'?"
        elsewhere = [] if parents else _parts_with(str(name), spec)
        return f"; it belongs under {_either(elsewhere)}" if elsewhere else ""
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


def _parts_with(name: str, spec: type[BaseModel]) -> list[str]:
    """The parts of the file that have a field of this name."""
    return [part for part in spec.model_fields if name in _fields(spec, [part])]


def _either(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
