"""What is looked for often is found without reading a model's whole past.

Partition `MODEL#<model>`: OPEN#<sort key> for every run, batch drop or upload that something is left to be done for;
BEGUN, the newest arrival that a run was started for; START#<day>#<run_id>, what started on a day; ENDED, the last runs
that did not come to nothing. Partition `UPLOADS#<run_id>`: an item an upload of that run. An index item is written
with what it points at or before, and removed with its end or after: one that points at nothing is harmless, one that is
missing would hide a run.
"""

import json

from switchyard.core.ledger.records import Records, model_key, sort_key
from switchyard.core.ports import Delete, Item, Put

LAST_ENDED = 40
TRIES = 8
NEVER_BEGAN = ("ADMITTED", "WAITING", "SUPERSEDED")


class Indexes(Records):
    """Pointers; what they point at decides."""

    def open(self, model: str, record: str) -> None:
        """record: the sort key of what is left to be done."""
        self._items.write([self.opening(model, record)])

    def opening(self, model: str, record: str) -> Put:
        """What `open` writes, for a write of more."""
        return Put({"pk": model_key(model), "sk": sort_key("OPEN#", record), "of": record})

    def close(self, model: str, record: str) -> None:
        self._items.write([self.closing(model, record)])

    def closing(self, model: str, record: str) -> Delete:
        """The end of what `open` wrote."""
        return Delete(model_key(model), sort_key("OPEN#", record))

    def opened(self, model: str, kind: str) -> list[Item]:
        """The items of a kind (RUN#, BATCH#, UPLOAD#) that something may be left to be done for."""
        pointers = self._items.query(model_key(model), f"OPEN#{kind}")
        found = self._together(model, (str(each["of"]) for each in pointers))
        return [item for item in found if item is not None]

    def begun(self, model: str) -> float:
        """When the newest dataset arrived that a run was started for; seconds since the epoch, 0 for none."""
        item = self._items.get(model_key(model), "BEGUN")
        return float(item["arrived_at"]) if item else 0.0

    def note_begun(self, model: str, arrived_at: float) -> None:
        """Only ever newer."""
        text = f"{arrived_at:017.6f}"
        for _ in range(TRIES):
            item = self._items.get(model_key(model), "BEGUN")
            if item is None:
                first: Item = {"pk": model_key(model), "sk": "BEGUN", "arrived_at": text}
                if self._items.put(first, absent=True):
                    return
                continue
            if str(item["arrived_at"]) >= text:
                return
            before: Item = {"arrived_at": item["arrived_at"]}
            if self._items.update(model_key(model), "BEGUN", {"arrived_at": text}, expected=before):
                return
        raise RuntimeError(f"{model}: BEGUN changed {TRIES} times in a row; the queue tries again")

    def note_start(self, model: str, day: str, run_id: str) -> None:
        """day: in UTC, as 2026-11-29. Once a run, however often its start is tried."""
        self._items.put({"pk": model_key(model), "sk": f"START#{day}#{run_id}"})

    def starts(self, model: str, day: str) -> set[str]:
        """The runs of a model that started on a day."""
        prefix = f"START#{day}#"
        return {str(item["sk"]).removeprefix(prefix) for item in self._items.query(model_key(model), prefix)}

    def note_ended(self, model: str, run_id: str) -> None:
        """For estimates: one that is lost here is not counted, nothing else."""
        before = [each for each in self._ended(model) if each != run_id]
        newest = json.dumps([*before, run_id][-LAST_ENDED:])
        self._items.put({"pk": model_key(model), "sk": "ENDED", "runs": newest})

    def last_ended(self, model: str) -> list[Item]:
        """The items of the last runs that ended with anything but SUPERSEDED, oldest first."""
        found = self._together(model, (f"RUN#{run_id}" for run_id in self._ended(model)))
        return [item for item in found if item is not None]

    def _ended(self, model: str) -> list[str]:
        item = self._items.get(model_key(model), "ENDED")
        return [str(each) for each in json.loads(str(item["runs"]))] if item else []

    def index(self, model: str) -> None:
        """Every index of a model whose items were written when there was none."""
        runs = self._items.query(model_key(model), "RUN#")
        for item in [*runs, *self._items.query(model_key(model), "BATCH#")]:
            if "ended_at" not in item:
                self.open(model, str(item["sk"]))
        for upload in self._items.query(model_key(model), "UPLOAD#"):
            self._index_upload(model, upload)
        began = [item for item in runs if item["state"] not in NEVER_BEGAN]
        for item in began:
            if "://" in str(item["source"]):
                self.note_begun(model, float(item["arrived_at"]))
        ended = sorted((str(item["ended_at"]), str(item["run_id"])) for item in began if "ended_at" in item)
        for _, run_id in ended[-LAST_ENDED:]:
            self.note_ended(model, run_id)

    def _index_upload(self, model: str, upload: Item) -> None:
        if upload["run_id"]:
            self._items.put({"pk": f"UPLOADS#{upload['run_id']}", "sk": str(upload["sk"])})
        elif upload["state"] == "WAITING":
            self.open(model, str(upload["sk"]))
