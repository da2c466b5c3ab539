"""Rollouts: their state, their policy and their blocks of evidence."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from switchyard.core.evidence import Block
from switchyard.core.known_members import known_members
from switchyard.core.ledger.records import Records, model_key
from switchyard.core.ports import Item


class Rollouts(Records):
    """One partition a rollout."""

    def save_rollout(self, run_id: str, changes: Item) -> None:
        self._items.update(f"ROLLOUT#{run_id}", "STATE", changes)

    def rollout(self, run_id: str) -> Item | None:
        return self._items.get(f"ROLLOUT#{run_id}", "STATE")

    def orders(self, run_id: str) -> list[dict[str, Any]]:
        """What people have asked of the rollout, oldest first: order, reason, stage, at."""
        found: list[dict[str, Any]] = json.loads(str((self.rollout(run_id) or {}).get("orders", "[]")))
        return found

    def give_order(self, run_id: str, order: Mapping[str, Any]) -> None:
        """Added to the others; two that come at once are both kept."""
        before = str((self.rollout(run_id) or {}).get("orders", ""))
        after: Item = {"orders": json.dumps([*json.loads(before or "[]"), dict(order)])}
        expected: Item | None = {"orders": before} if before else None
        if not self._items.update(f"ROLLOUT#{run_id}", "STATE", after, expected=expected):
            self.give_order(run_id, order)

    def note_join(self, run_id: str, start: float) -> None:
        """The window of requests that begins here has been joined with its labels."""
        self._items.put({"pk": f"ROLLOUT#{run_id}", "sk": f"JOIN#{int(start)}"})

    def is_joined(self, run_id: str, start: float) -> bool:
        return self._items.get(f"ROLLOUT#{run_id}", f"JOIN#{int(start)}") is not None

    def keep_policy(self, run_id: str, policy: str, source: str) -> Item:
        """The policy of a rollout, and where it comes from: whoever keeps one first decides for every look."""
        item: Item = {"pk": f"ROLLOUT#{run_id}", "sk": "POLICY", "policy": policy, "source": source}
        self._items.put(item, absent=True)
        return self.policy(run_id) or item

    def policy(self, run_id: str) -> Item | None:
        return self._items.get(f"ROLLOUT#{run_id}", "POLICY")

    def save_blocks(self, run_id: str, blocks: Iterable[Block]) -> None:
        """One conditional item a block: however often a block is delivered, it counts once."""
        for block in blocks:
            sk = f"BLOCK#{block.metric}#{block.block}"
            item: Item = {"pk": f"ROLLOUT#{run_id}", "sk": sk, "block": json.dumps(asdict(block))}
            self._items.put(item, absent=True)

    def blocks(self, run_id: str) -> tuple[Block, ...]:
        items = self._items.query(f"ROLLOUT#{run_id}", "BLOCK#")
        return tuple(Block(**known_members(Block, json.loads(str(item["block"])))) for item in items)

    def note_restore(self, model: str, name: str) -> None:
        """The execution that the sweep has started last to restore this model's endpoint."""
        self._items.put({"pk": model_key(model), "sk": "RESTORE", "name": name})

    def last_restore(self, model: str) -> str:
        item = self._items.get(model_key(model), "RESTORE")
        return str(item["name"]) if item else ""


def live_since(record: Item) -> float:
    """When the challenger began to serve, in seconds since the epoch: not when that was asked for, which may be days
    before. A record of an older release has the latter alone.
    """
    return float(record.get("live_since", record["started_at"]))


def alone_until(record: Item) -> float:
    """When a swap was asked for, in seconds since the epoch: until then the champion served alone. live_since is when
    that was seen to be over, which may be long after it was.
    """
    return float(record.get("alone_until", live_since(record)))


def step_at(trail: Sequence[Mapping[str, Any]], moment: float) -> int:
    """The rollout's step whose weights had been asked for before this moment: they are in force, or on their way."""
    asked = [int(step["stage"]) for step in trail if float(step.get("asked", step["at"])) < moment]
    return asked[-1] if asked else 0


def trail_of(record: Item) -> list[dict[str, Any]]:
    """Every weight that was ours to set: asked for when, in force since when (at), at which step."""
    found: list[dict[str, Any]] = json.loads(str(record.get("trail", "[]")))
    return found
