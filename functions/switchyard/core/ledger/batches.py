"""Batch drops, and those that a challenger in rollout is compared on."""

import json

from switchyard.core.batch_drop import Batch
from switchyard.core.ledger.active_run import Turns
from switchyard.core.ledger.records import model_key
from switchyard.core.ledger.rollouts import Rollouts
from switchyard.core.ledger.runs import Runs
from switchyard.core.ports import Item
from switchyard.core.run import RunState


class Batches(Runs, Turns, Rollouts):
    """One item a batch drop, and one for each that both models scored."""

    def create_batch(self, batch: Batch, arrived_at: float) -> bool:
        """False when this drop already has its transform."""
        item: Item = {"pk": model_key(batch.model), "sk": f"BATCH#{batch.batch_id}", "source": batch.source}
        moment = {"started_at": self._now(), "arrived_at": f"{arrived_at:017.6f}"}
        state = {"state": RunState.ADMITTED.value, "reason": "", "batch": json.dumps(batch.to_dict())}
        self.open(batch.model, str(item["sk"]))
        return self._items.put({**item, **moment, **state}, absent=True)

    def batch_item(self, model: str, batch_id: str) -> Item | None:
        return self._items.get(model_key(model), f"BATCH#{batch_id}")

    def batches(self, model: str) -> list[Item]:
        return self._items.query(model_key(model), "BATCH#")

    def set_batch_state(self, batch: Batch, state: RunState, reason: str = "") -> RunState | None:
        """As set_state, for a batch drop."""
        return self._move(batch.model, f"BATCH#{batch.batch_id}", batch.batch_id, state, reason)

    def compared(self, model: str) -> str:
        """The run in rollout that batch drops are scored with beside the champion; "" when there is none."""
        active = self.active(model)
        record = self.rollout(active) if active else None
        return active if active and record and record.get("paired") else ""

    def note_drop(self, batch: Batch, rows: int) -> float:
        """Both models have scored this drop; answers when that was noted first, in seconds since the epoch."""
        pk, sk = f"ROLLOUT#{batch.challenger}", f"DROP#{batch.batch_id}"
        item: Item = {"pk": pk, "sk": sk, "batch": json.dumps(batch.to_dict()), "rows": rows}
        self._items.put({**item, "at": f"{self._clock():.3f}"}, absent=True)
        noted = self._items.get(pk, sk)
        return float(noted["at"]) if noted else self._clock()

    def drops(self, run_id: str) -> list[Item]:
        """Those that a challenger was compared on: batch, rows, at, and asked once its labels were."""
        return self._items.query(f"ROLLOUT#{run_id}", "DROP#")

    def drop(self, run_id: str, batch_id: str) -> Item | None:
        return self._items.get(f"ROLLOUT#{run_id}", f"DROP#{batch_id}")

    def mark_asked(self, run_id: str, drop: Item) -> None:
        self._items.update(f"ROLLOUT#{run_id}", str(drop["sk"]), {"asked": 1})

    def mark_joined(self, run_id: str, drop: Item) -> None:
        self._items.update(f"ROLLOUT#{run_id}", str(drop["sk"]), {"joined": 1})
