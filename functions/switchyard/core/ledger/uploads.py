"""Uploads and label files, and what became of them."""

from switchyard.core.ledger.records import Records, model_key
from switchyard.core.ports import Item
from switchyard.core.run import RunState


class Uploads(Records):
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
        item: Item = {
            "pk": model_key(model),
            "sk": f"UPLOAD#{upload_id}",
            "source": source,
            "at": self._now(),
        }
        became: Item = {"state": state.value, "reason": reason[:1000], "run_id": run_id}
        self._items.put({**item, **became}, absent=absent)

    def forget_upload(self, model: str, upload_id: str) -> None:
        self._items.delete(model_key(model), f"UPLOAD#{upload_id}")

    def uploads(self, model: str) -> list[Item]:
        return self._items.query(model_key(model), "UPLOAD#")

    def record_labels(self, model: str, key: str, good: int, bad: int, reason: str) -> None:
        """What a label file held."""
        item: Item = {
            "pk": model_key(model),
            "sk": f"LABELS#{key}",
            "good": good,
            "bad": bad,
            "at": self._now(),
        }
        self._items.put({**item, "reason": reason[:1000]})
