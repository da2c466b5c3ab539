"""Uploads and label files, and what became of them."""

from collections.abc import Sequence

from switchyard.core.ledger.indexes import Indexes
from switchyard.core.ledger.records import model_key, sort_key
from switchyard.core.ports import Change, Item, Put
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
        beside: Sequence[Change] = (),
    ) -> bool:
        """absent: one that is on record stays as it is. beside: written with it, or neither is; False then."""
        sk = sort_key("UPLOAD#", upload_id)
        item: Item = {"pk": model_key(model), "sk": sk, "source": source, "at": self._now()}
        became: Item = {"state": state.value, "reason": reason[:1000], "run_id": run_id}
        changes = [*beside, Put({**item, **became}, absent)]
        if run_id:
            changes.append(Put({"pk": f"UPLOADS#{run_id}", "sk": sk}))
        elif state is RunState.WAITING:
            changes.append(self.opening(model, sk))
        return self._items.write(changes)

    def upload(self, model: str, upload_id: str) -> Item | None:
        return self._items.get(model_key(model), sort_key("UPLOAD#", upload_id))

    def uploads_of(self, model: str, run_id: str) -> list[Item]:
        return self.with_uploads(model, f"RUN#{run_id}", run_id)[1]

    def with_uploads(self, model: str, record: str, run_id: str) -> tuple[Item | None, list[Item]]:
        """The item of a run or batch drop by its sort key, and its uploads."""
        pointers = self._items.query(f"UPLOADS#{run_id}")
        item, *uploads = self._together(model, [record, *(str(each["sk"]) for each in pointers)])
        return item, [each for each in uploads if each is not None and each["run_id"] == run_id]

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
