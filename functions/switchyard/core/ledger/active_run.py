"""One run at a time a model; the newest dataset waits."""

import json
from dataclasses import dataclass

from switchyard.core.ledger.records import Records, model_key
from switchyard.core.ports import Change, Item, Put, Update
from switchyard.core.run import Run


@dataclass(frozen=True)
class Turn:
    """What says whose turn it is, read together. run: the item of who asks. active: who has the model's place.
    begun: when the newest dataset arrived that a run was started for, in seconds since the epoch; 0 for none.
    """

    run: Item | None
    active: str | None
    waiting: Item | None
    begun: float


class Turns(Records):
    """The active run of a model, and the one place of who waits."""

    def turn(self, model: str, run_id: str = "") -> Turn:
        """run_id: of who asks; "" for nobody."""
        keys = (f"RUN#{run_id}", "ACTIVE", "WAITING", "BEGUN")
        run, active, waiting, begun = self._together(model, keys)
        holder = str(active["run_id"]) if active else None
        return Turn(run, holder, waiting, float(begun["arrived_at"]) if begun else 0.0)

    def acquire(self, model: str, run_id: str) -> bool:
        """True when this run is now, or already was, the model's active one."""
        if self._items.put(
            {"pk": model_key(model), "sk": "ACTIVE", "run_id": run_id, "at": self._now()}, absent=True
        ):
            return True
        return self.active(model) == run_id

    def active(self, model: str) -> str | None:
        item = self._items.get(model_key(model), "ACTIVE")
        return str(item["run_id"]) if item else None

    def release(self, model: str, run_id: str) -> None:
        self._items.delete(model_key(model), "ACTIVE", expected={"run_id": run_id})

    def waiting(self, model: str) -> Item | None:
        return self._items.get(model_key(model), "WAITING")

    def replace_waiting(self, run: Run, arrived_at: float, old: Item | None) -> bool:
        """Puts `run` in the one waiting place, if that place still holds `old`."""
        return self._items.write([self.replacing(run, arrived_at, old)])

    def replacing(self, run: Run, arrived_at: float, old: Item | None) -> Change:
        """What `replace_waiting` writes, for a write of more."""
        item: Item = {
            "run_id": run.run_id,
            "run": json.dumps(run.to_dict()),
            "arrived_at": f"{arrived_at:017.6f}",
        }
        if old is None:
            return Put({"pk": model_key(run.model), "sk": "WAITING", **item}, absent=True)
        return Update(model_key(run.model), "WAITING", item, expected={"run_id": old["run_id"]})

    def clear_waiting(self, model: str, run_id: str) -> bool:
        return self._items.delete(model_key(model), "WAITING", expected={"run_id": run_id})
