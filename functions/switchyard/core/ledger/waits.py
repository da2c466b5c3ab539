"""The tokens of whoever waits for a resource."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from switchyard.core.ledger.records import Records
from switchyard.core.ports import Item


@dataclass(frozen=True)
class Wait:
    """Somebody's token: `expects` says when it is answered, `result` with what."""

    resource: str
    key: str
    token: str
    expects: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    laps: int = 0


class Waits(Records):
    """One item a token, in the partition of the resource that is waited for."""

    def save_wait(self, wait: Wait) -> Wait:
        """Stores the token before anything is done for it; keeps count of the laps of the same wait."""
        before = self._items.get(f"WAIT#{wait.resource}", wait.key)
        laps = int(before["laps"]) if before else 0
        item: Item = {"pk": f"WAIT#{wait.resource}", "sk": wait.key, "token": wait.token, "laps": laps}
        texts = {"expects": json.dumps(dict(wait.expects)), "result": json.dumps(dict(wait.result))}
        self._items.put({**item, **texts, "at": self._now()})
        return Wait(wait.resource, wait.key, wait.token, wait.expects, wait.result, laps)

    def count_lap(self, wait: Wait) -> None:
        changes: Item = {"laps": wait.laps + 1}
        self._items.update(f"WAIT#{wait.resource}", wait.key, changes, expected={"token": wait.token})

    def waits(self, resource: str) -> list[Wait]:
        return [_wait(resource, item) for item in self._items.query(f"WAIT#{resource}")]

    def wait(self, resource: str, key: str) -> Wait | None:
        item = self._items.get(f"WAIT#{resource}", key)
        return _wait(resource, item) if item else None

    def end_wait(self, wait: Wait) -> None:
        self._items.delete(f"WAIT#{wait.resource}", wait.key, expected={"token": wait.token})


def _wait(resource: str, item: Item) -> Wait:
    expects, result = json.loads(str(item["expects"])), json.loads(str(item["result"]))
    return Wait(resource, str(item["sk"]), str(item["token"]), expects, result, int(item["laps"]))
