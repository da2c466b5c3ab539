"""Pools of instances: who holds some, and who waits for some."""

import json
from dataclasses import asdict

from switchyard.core.known_members import known_members
from switchyard.core.ledger.records import Records
from switchyard.core.ports import Item
from switchyard.core.resources.pools import Place, Pool


class Pools(Records):
    """One item a pool, changed by compare and swap."""

    def pool(self, name: str) -> tuple[Pool, int]:
        """A pool and its version; an unknown one is empty, with version 0."""
        item = self._items.get("CAPACITY", name)
        return (_pool(item), int(item["version"])) if item else (Pool(), 0)

    def pools(self) -> dict[str, Pool]:
        return {str(item["sk"]): _pool(item) for item in self._items.query("CAPACITY")}

    def save_pool(self, name: str, pool: Pool, version: int) -> bool:
        """False when somebody has changed the pool since that version."""
        changes: Item = {"pool": json.dumps(asdict(pool)), "version": version + 1, "at": self._now()}
        if not version:
            return self._items.put({"pk": "CAPACITY", "sk": name, **changes}, absent=True)
        return self._items.update("CAPACITY", name, changes, expected={"version": version})


def _pool(item: Item) -> Pool:
    content = json.loads(str(item["pool"]))
    return Pool(
        *(
            tuple(Place(**known_members(Place, place)) for place in content[name])
            for name in ("holders", "waiters")
        ),
    )
