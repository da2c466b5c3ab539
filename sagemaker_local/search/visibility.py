"""VisibilityConditions of a search: they limit its results to "the resources that you can access"."""

from __future__ import annotations

from sagemaker_local.search.properties import value_of
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation

_PREFIX = "Tags."
Visible = dict[str, set[str]]


def read(conditions: list[Document]) -> Visible:
    """The values that each key may have. Key "must be in the following format: Tags.<key>". Raises ServiceError."""
    visible: Visible = {}
    for condition in conditions:
        key = condition.get("Key", "")
        if not key.startswith(_PREFIX) or key == _PREFIX:
            raise validation(f"Key of a VisibilityCondition must have the format Tags.<key>; found '{key}'.")
        visible.setdefault(key, set()).add(condition.get("Value", ""))
    return visible


def allows(visible: Visible, document: Document) -> bool:
    """ "Any resources that don't have a key from the list that you've provided will also be included"."""
    found = {key: value_of(document, key) for key in visible}
    return all(value is None or value in visible[key] for key, value in found.items())
