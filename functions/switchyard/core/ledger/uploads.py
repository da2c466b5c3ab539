"""Uploads and label files, and what became of them."""

from switchyard.core.ledger.indexes import Indexes
from switchyard.core.ledger.records import model_key, sort_key
from switchyard.core.ports import Item
from switchyard.core.run import RunState


class Uploads(Indexes):
    """One item an upload, one a label file."""

    def record_upload(
        self,
        model: str,
        upload_id: str,
        source: str,
        state: RunState,
        reason: str,
        run_id: str = "",
        *,
        absent: bool = False,
    ) -> None:
        """absent: one that is on record stays as it is."""
        sk = sort_key("UPLOAD#", upload_id)
        item: Item = {"pk": model_key(model), "sk": sk, "source": source, "at": self._now()}
        became: Item = {"state": state.value, "reason": reason[:1000], "run_id": run_id}
        if run_id:
            self._items.put({"pk": f"UPLOADS#{run_id}", "sk": sk})
        elif state is RunState.WAITING:
            self.open(model, sk)
        self._items.put({**item, **became}, absent=absent)

    def upload(self, model: str, upload_id: str) -> Item | None:
        return self._items.get(model_key(model), sort_key("UPLOAD#", upload_id))

    def uploads_of(self, model: str, run_id: str) -> list[Item]:
        """Of one run or batch drop."""
        keys = [str(item["sk"]) for item in self._items.query(f"UPLOADS#{run_id}")]
        found = [self._items.get(model_key(model), key) for key in keys]
        return [item for item in found if item is not None and item["run_id"] == run_id]

    def forget_upload(self, model: str, upload_id: str) -> None:
        self._items.delete(model_key(model), sort_key("UPLOAD#", upload_id))

    def uploads(self, model: str, source: str = "") -> list[Item]:
        """source: of this drop alone, by its key; "" for all."""
        return self._items.query(model_key(model), f"UPLOAD#{source}#" if source else "UPLOAD#")

    def record_labels(self, model: str, key: str, good: int, bad: int, reason: str) -> None:
        """What a label file held."""
        item: Item = {
            "pk": model_key(model),
            "sk": sort_key("LABELS#", key),
            "good": good,
            "bad": bad,
            "at": self._now(),
        }
        self._items.put({**item, "reason": reason[:1000]})
