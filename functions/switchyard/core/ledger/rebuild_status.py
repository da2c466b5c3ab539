"""Whether the ledger knows all that the decision records in the bucket tell of a model."""

import json
from collections.abc import Sequence

from switchyard.core.champion import Champion
from switchyard.core.ledger.records import Records, model_key
from switchyard.core.ledger.retirement import Retirement
from switchyard.core.ports import Item
from switchyard.core.run import Outcome, Run

WHOLE_TABLE = "LEDGER"


class Rebuilds(Records):
    """One item a model that has been read back to the end, and one while the table is known to be lost."""

    def is_rebuilt(self, model: str) -> bool:
        return self._items.get(model_key(model), "REBUILT") is not None

    def mark_rebuilt(self, model: str) -> None:
        self._items.put({"pk": model_key(model), "sk": "REBUILT", "at": self._now()})

    def lost_at(self) -> str:
        """When the table was found to be lost; "" once every model has been gone through since."""
        return str((self._items.get(WHOLE_TABLE, "LOST") or {}).get("at", ""))

    def mark_lost(self) -> None:
        self._items.put({"pk": WHOLE_TABLE, "sk": "LOST", "at": self._now()})

    def is_found(self, model: str, lost_at: str) -> bool:
        """Whether the model has been gone through since the table was lost."""
        return str((self._items.get(model_key(model), "FOUND") or {}).get("at", "")) >= lost_at

    def mark_found(self, model: str) -> None:
        self._items.put({"pk": model_key(model), "sk": "FOUND", "at": self._now()})

    def end_loss(self) -> None:
        self._items.delete(WHOLE_TABLE, "LOST")

    def next_turn(self) -> str:
        """The model with which a sweep begins, because the one before did not come so far; "" for any."""
        return str((self._items.get(WHOLE_TABLE, "NEXT") or {}).get("model", ""))

    def note_next_turn(self, model: str) -> None:
        self._items.put({"pk": WHOLE_TABLE, "sk": "NEXT", "model": model})

    def forget_next_turn(self) -> None:
        if self.next_turn():
            self._items.delete(WHOLE_TABLE, "NEXT")

    def remember_run(self, run: Run, outcome: Outcome, arrived_at: float, ended_at: str, notes: Item) -> bool:
        """A run that has ended, as its record tells of it; False, and nothing is changed, when it is known."""
        item: Item = {"pk": model_key(run.model), "sk": run.record, "run": json.dumps(run.to_dict())}
        moments: Item = {"started_at": ended_at, "ended_at": ended_at, "arrived_at": f"{arrived_at:017.6f}"}
        state: Item = {"state": outcome.state.value, "reason": outcome.reason[:1000]}
        known: Item = {"source": run.source, "run_id": run.run_id}
        return self._items.put({**item, **moments, **state, **known, **notes}, absent=True)

    def remember_champion(self, model: str, champion: Champion, former: Sequence[Champion]) -> bool:
        """Only where the model has none: False, and nothing is changed, when it has."""
        item: Item = {"pk": model_key(model), "sk": "CHAMPION", "run_id": champion.run_id, "at": self._now()}
        texts = {
            "champion": json.dumps(champion.to_dict()),
            "former": json.dumps([each.to_dict() for each in former]),
        }
        return self._items.put({**item, **texts}, absent=True)

    def remember_retirement(self, retirement: Retirement) -> bool:
        """Only where none is known."""
        item: Item = {
            "pk": model_key(retirement.model),
            "sk": "RETIRED",
            "retirement": json.dumps(retirement.to_dict()),
        }
        return self._items.put({**item, "at": self._now()}, absent=True)
