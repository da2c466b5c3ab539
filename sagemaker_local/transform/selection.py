"""The part of JSONPath that SageMaker knows, on a JSON value: names, indexes, slices and the wildcard.

What a path selects follows Jayway's JsonPath, which SageMaker's page points to: a path to one place gives its
value, several names give an object of them, everything else gives a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jsonpath
from jsonpath.segments import JSONPathChildSegment
from jsonpath.selectors import IndexSelector, NameSelector, SliceSelector, WildcardSelector

_KNOWN = (IndexSelector, NameSelector, SliceSelector, WildcardSelector)


class PathError(ValueError):
    """The path is not one SageMaker supports, or it leads nowhere in a record."""


@dataclass(frozen=True)
class _Part:
    """One of several things selected side by side: a name's value, an index's value, or a list."""

    path: jsonpath.JSONPath
    name: str | None
    is_one_value: bool

    def values(self, document: Any) -> list[Any]:
        found: list[Any] = list(self.path.findall(document))
        if self.is_one_value and not found:
            raise PathError(f"{self.path} selects nothing in a record")
        return found


class Selection:
    """A compiled path; immutable, safe to use from several threads."""

    def __init__(self, text: str) -> None:
        """Raises `PathError` for what is no path, or one with operators that SageMaker does not have."""
        if not text.startswith("$"):
            raise PathError(f"'{text}' does not begin with $, the root element")
        whole = _compiled(text.replace(".[", "["))
        *before, last = whole.segments or [None]
        for segment in whole.segments:
            if not isinstance(segment, JSONPathChildSegment):
                raise PathError(f"'{text}': recursive descent is not supported")
            if not all(isinstance(selector, _KNOWN) for selector in segment.selectors):
                raise PathError(f"'{text}': only names, indexes, slices and * are supported")
            _check_selectors(text, segment.selectors)
        self.is_root = last is None
        self._parts = _parts(whole, "$" + "".join(map(str, before)), last)

    def of(self, document: Any) -> Any:
        """What the path selects; raises `PathError` when a name or index it asks for is not there."""
        if self.is_root:
            return document
        if len(self._parts) > 1 and all(part.name is not None for part in self._parts):
            return {part.name: part.values(document)[0] for part in self._parts}
        if len(self._parts) == 1 and self._parts[0].is_one_value:
            return self._parts[0].values(document)[0]
        return [value for part in self._parts for value in part.values(document)]


def _check_selectors(text: str, selectors: Sequence[object]) -> None:
    """Slices are `[<start>:<end>]`, and "additional nesting of children within brackets is not supported" where there
    are several, as in `['child1','child2.grandchild']` (Supported JSONPath Operators).
    """
    for selector in selectors:
        if isinstance(selector, SliceSelector) and selector.slice.step is not None:
            raise PathError(f"'{text}': a slice has a start and an end, and no step")
        if len(selectors) > 1 and isinstance(selector, NameSelector) and "." in selector.name:
            raise PathError(f"'{text}': nesting of children within brackets is not supported")


def _parts(whole: jsonpath.JSONPath, prefix: str, last: Any) -> list[_Part]:
    if last is None or len(last.selectors) == 1:
        return [_Part(whole, None, whole.singular_query())]
    parts = []
    for selector in last.selectors:
        path = _compiled(f"{prefix}[{selector}]")
        name = selector.name if isinstance(selector, NameSelector) else None
        parts.append(_Part(path, name, path.singular_query()))
    return parts


def _compiled(text: str) -> jsonpath.JSONPath:
    try:
        path = jsonpath.compile(text)
    except jsonpath.JSONPathError as error:
        raise PathError(f"'{text}' is not a JSONPath: {str(error).splitlines()[0]}") from error
    if not isinstance(path, jsonpath.JSONPath):
        raise PathError(f"'{text}' is several paths; one is supported")
    return path
