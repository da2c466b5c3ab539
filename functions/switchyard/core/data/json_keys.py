"""Objects of JSON in which a key stands twice: json.loads keeps the last alone, and the other is lost in silence."""

from collections.abc import Sequence
from typing import Any


class RepeatedKeyError(ValueError):
    """`key`: what stands twice in one object."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object_pairs_hook of json.loads; RepeatedKeyError."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise RepeatedKeyError(next(key for key in keys if keys.count(key) > 1))
    return found
