"""Documents of a newer release, as a stack finds them that went back to this one: what it does not know is left."""

from collections.abc import Mapping
from typing import Any


def known_members(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """The members that this dataclass has."""
    return {name: value for name, value in data.items() if name in kind.__dataclass_fields__}  # type: ignore[attr-defined]
