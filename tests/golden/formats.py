"""The format of everything that a later release may have to read: which members there are, and of which type.

Ledger items by kind of key, JSON documents in the buckets by place, what handlers are given; and which other files lie
where.
"""

import json
import re
from collections import defaultdict
from typing import Any

from tests.fakes.world import World

# What differs from run to run, in keys and names.
NAMES = (
    (re.compile(r"\b(train|batch|labels)/v\d+"), r"\1/<name>"),
    (re.compile(r"(digits-)?[0-9a-f]{64}|digits-[0-9a-f]{12}(-r\d+)?\b|\b[0-9a-f]{12,63}\b"), "<id>"),
    (re.compile(r"-?\d+(\.\d+)?"), "<n>"),
)


class Formats:
    """Grows with what it reads."""

    def __init__(self) -> None:
        self._members: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._read: set[int] = set()

    def read(self, world: World) -> None:
        """All items and objects of a world."""
        for (pk, sk), item in world.items.rows.items():
            self._item(f"item {_kind(pk)} {_kind(sk)}", item)
        for bucket in (world.data, world.artifacts):
            for key, (body, _) in bucket.objects.items():
                self._object(f"object {_general(key)}", body)

    def message(self, kind: str, document: Any) -> None:
        self._add(kind, "", document)

    def found(self) -> dict[str, dict[str, list[str]]]:
        """Kind of document -> member -> its types."""
        kinds = sorted(self._members.items())
        return {kind: {m: sorted(types) for m, types in sorted(members.items())} for kind, members in kinds}

    def _item(self, kind: str, item: Any) -> None:
        for name, value in item.items():
            inner = _json(value) if isinstance(value, str) else None
            self._add(kind, name, value if inner is None else {"JSON": inner})

    def _object(self, kind: str, body: bytes) -> None:
        if hash((kind, body)) in self._read:
            return
        self._read.add(hash((kind, body)))
        text = body.decode()
        inner = _json(text)
        self._add(kind, "", text if inner is None else inner)

    def _add(self, kind: str, place: str, value: Any) -> None:
        if isinstance(value, dict) and value:
            for name, each in value.items():
                self._add(kind, f"{place}.{_general(str(name))}", each)
        elif isinstance(value, list) and value:
            for each in value:
                self._add(kind, f"{place}[]", each)
        elif isinstance(value, str) and (inner := _json(value)) is not None:
            self._add(kind, f"{place}:JSON", inner)
        else:
            self._members[kind][place].add(type(value).__name__)


def _json(text: str) -> Any:
    """A document in a text; None for any other text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _kind(key: str) -> str:
    """MODEL#digits -> MODEL#; CHAMPION -> CHAMPION."""
    head, mark, _ = key.partition("#")
    return _general(head) + mark


def _general(name: str) -> str:
    if name.isidentifier():
        return name
    for pattern, word in NAMES:
        name = pattern.sub(word, name)
    return name
