"""What the fakes hold as JSON and back: tuples, sets and the product's small types keep what they are."""

from dataclasses import fields, is_dataclass
from typing import Any

from switchyard.core.pipeline import Guardrails
from switchyard.core.resources.guardrails import Alarm, Guard
from switchyard.core.resources.scaling import Policy, ScalableTarget
from tests.fakes.metrics.traffic import Traffic

KINDS = {kind.__name__: kind for kind in (Alarm, Guard, Guardrails, Traffic, Policy, ScalableTarget)}


def plain(value: Any) -> Any:
    """As JSON can hold it."""
    if is_dataclass(value) and not isinstance(value, type):
        known = {each.name: plain(getattr(value, each.name)) for each in fields(value)}
        return {"#": type(value).__name__, "is": known}
    if isinstance(value, tuple | list):
        items = [plain(each) for each in value]
        return {"#": "tuple", "is": items} if isinstance(value, tuple) else items
    if isinstance(value, set | frozenset):
        return {"#": "set", "is": sorted(plain(each) for each in value)}
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        return {"#": "pairs", "is": [[plain(key), plain(each)] for key, each in value.items()]}
    return {key: plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def restored(value: Any) -> Any:
    """What `plain` was given."""
    if isinstance(value, list):
        return [restored(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "#" not in value:
        return {key: restored(each) for key, each in value.items()}
    kind, inner = value["#"], value["is"]
    if kind == "tuple":
        return tuple(restored(inner))
    if kind == "set":
        return set(restored(inner))
    if kind == "pairs":
        return {restored(key): restored(each) for key, each in inner}
    return KINDS[kind](**restored(inner))
