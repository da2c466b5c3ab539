"""The tokens of whoever waits for a resource."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from switchyard.core.ledger.records import Records, recorded_at
from switchyard.core.ports import Item


@dataclass(frozen=True)
class Wait:
    """Somebody's token: `expects` says when it is answered, `result` with what.

    laps: how often what it waits for has been asked for; refusals: how often it was too busy to be asked. before: when
    the resource had last changed before it was first asked for; None where nobody looked. asked_at: when that was, in
    seconds since the epoch. age: seconds since the token before this one was stored, or this one was.
    """

    resource: str
    key: str
    token: str
    expects: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    laps: int = 0
    refusals: int = 0
    before: str | None = None
    age: float = 0.0
    asked_at: float = 0.0


class Waits(Records):
    """One item a token, in the partition of the resource that is waited for."""

    def save_wait(self, wait: Wait) -> Wait:
        """Stores the token before anything is done for it; goes on counting for the same wait."""
        known, wait = self.wait(wait.resource, wait.key), replace(wait, asked_at=self._clock())
        if known is not None:
            wait = replace(wait, laps=known.laps, refusals=known.refusals, age=known.age)
        if known is not None and known.laps:
            wait = replace(wait, before=known.before, asked_at=known.asked_at)
        self._items.put({**_item(wait), "at": self._now()})
        return wait

    def count_lap(self, wait: Wait) -> None:
        self._count(wait, {"laps": wait.laps + 1})

    def count_refusal(self, wait: Wait) -> None:
        """From now on it waits for what `wait.expects` says: that it may be asked again."""
        expects = json.dumps(dict(wait.expects))
        self._count(wait, {"refusals": wait.refusals + 1, "expects": expects})

    def _count(self, wait: Wait, changes: Item) -> None:
        self._items.update(f"WAIT#{wait.resource}", wait.key, changes, expected={"token": wait.token})

    def waits(self, resource: str) -> list[Wait]:
        return [self._wait(resource, item) for item in self._items.query(f"WAIT#{resource}")]

    def wait(self, resource: str, key: str) -> Wait | None:
        item = self._items.get(f"WAIT#{resource}", key)
        return self._wait(resource, item) if item else None

    def end_wait(self, wait: Wait) -> None:
        self._items.delete(f"WAIT#{wait.resource}", wait.key, expected={"token": wait.token})

    def _wait(self, resource: str, item: Item) -> Wait:
        expects, result = json.loads(str(item["expects"])), json.loads(str(item["result"]))
        counts = int(item["laps"]), int(item.get("refusals", 0))
        before = str(item["before"]) if "before" in item else None
        age = self._clock() - recorded_at(item)
        asked_at = float(item.get("asked_at", 0.0))
        return Wait(
            resource, str(item["sk"]), str(item["token"]), expects, result, *counts, before, age, asked_at
        )


def _item(wait: Wait) -> Item:
    item: Item = {"pk": f"WAIT#{wait.resource}", "sk": wait.key, "token": wait.token}
    texts = {"expects": json.dumps(dict(wait.expects)), "result": json.dumps(dict(wait.result))}
    seen = {} if wait.before is None else {"before": wait.before, "asked_at": str(wait.asked_at)}
    return {**item, **texts, **seen, "laps": wait.laps, "refusals": wait.refusals}
