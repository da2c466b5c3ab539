"""Runs: their state, which may only go forward, and what is remembered of them."""

import json
from collections.abc import Sequence

from switchyard.core.errors import MissingError
from switchyard.core.ledger.records import model_key
from switchyard.core.ledger.uploads import Uploads
from switchyard.core.ports import Change, Item, Put, Update
from switchyard.core.run import Run, RunState

TOGETHER = 50  # uploads of one run that are written at once: a write takes 100 items


class Runs(Uploads):
    """One item a run; its uploads are brought along."""

    def create_run(
        self,
        run: Run,
        arrived_at: float,
        why: str = "",
        *,
        upload: str = "",
        waits: str = "",
        beside: Sequence[Change] = (),
    ) -> bool:
        """False when this dataset, or this request, already has its run. why: what a request said of itself.

        upload: the id of the drop that it is of; it is on record with the run or not at all. waits: for what the run
        has to wait, where that is known already. beside: written with it, or neither is; False then.
        """
        state = RunState.WAITING if waits else RunState.ADMITTED
        item: Item = {"pk": model_key(run.model), "sk": f"RUN#{run.run_id}", "run": json.dumps(run.to_dict())}
        moment = {"started_at": self._now(), "arrived_at": f"{arrived_at:017.6f}"}
        known = {"state": state.value, "reason": waits[:1000], "source": run.source, "run_id": run.run_id}
        record = Put({**item, **moment, **known, "why": why[:1000]}, absent=True)
        changes = [self.opening(run.model, run.record), record, *beside]
        if not upload:
            return self._items.write(changes)
        return self.record_upload(run.model, upload, run.source, state, waits, run.run_id, beside=changes)

    def arrived_again(self, run: Run, arrived_at: float) -> float:
        """The same dataset was dropped once more while its run is under way: it is as new as its last drop is.
        Answers when that was, in seconds since the epoch.
        """
        item = self.run_item(run.model, run.run_id)
        if item is None or float(item["arrived_at"]) >= arrived_at:
            return float(item["arrived_at"]) if item else arrived_at
        changes: Item = {"arrived_at": f"{arrived_at:017.6f}"}
        before: Item = {name: item[name] for name in ("state", "arrived_at")}
        if not self._items.update(model_key(run.model), run.record, changes, expected=before):
            return self.arrived_again(run, arrived_at)
        return arrived_at

    def run_item(self, model: str, run_id: str) -> Item | None:
        return self._items.get(model_key(model), f"RUN#{run_id}")

    def run(self, model: str, run_id: str) -> Run:
        item = self.run_item(model, run_id)
        if item is None:
            raise MissingError(
                f"run {run_id} of model {model} is not in the ledger; run the sweep, then look again"
            )
        return Run.from_dict(json.loads(str(item["run"])))

    def runs(self, model: str) -> list[Item]:
        return self._items.query(model_key(model), "RUN#")

    def state(self, model: str, run_id: str) -> RunState | None:
        return self._state(model, f"RUN#{run_id}")

    def _state(self, model: str, sk: str) -> RunState | None:
        item = self._items.get(model_key(model), sk)
        return RunState(str(item["state"])) if item else None

    def set_state(
        self, model: str, run_id: str, state: RunState, reason: str = "", *, known: RunState | None = None
    ) -> RunState | None:
        """Moves a run, if it may still go there, and every upload of it; answers where the run is now.

        known: where the run was a moment ago; it is looked up where that is not so any more.
        """
        return self._move(model, f"RUN#{run_id}", run_id, state, reason, known)

    def _move(
        self, model: str, sk: str, run_id: str, state: RunState, reason: str, known: RunState | None = None
    ) -> RunState | None:
        now = known or self._state(model, sk)
        if now is not None and now.may_become(state):
            changes: Item = {"state": state.value, "reason": reason[:1000]}
            if state.is_terminal:
                changes["ended_at"] = self._now()
            if not self._items.update(model_key(model), sk, changes, expected={"state": now.value}):
                return self._move(model, sk, run_id, state, reason)
            if sk.startswith("RUN#") and state.is_terminal and state is not RunState.SUPERSEDED:
                self.note_ended(model, run_id)
        return self._carry_over(model, sk, run_id)

    def record(self, model: str, record: str) -> Item | None:
        """The item of a run or a batch drop, by its sort key."""
        return self._items.get(model_key(model), record)

    def say(self, model: str, record: str, reason: str, state: RunState = RunState.RUNNING) -> None:
        """What a run or a batch drop that is under way waits for; "" once it goes on. Nothing in another state."""
        expected: Item = {"state": state.value}
        self._items.update(model_key(model), record, {"reason": reason[:1000]}, expected=expected)

    def carry_over(self, model: str, run_id: str) -> RunState | None:
        """Brings every upload of a run to where the run is, also when whoever began that did not come to its end."""
        return self._carry_over(model, f"RUN#{run_id}", run_id)

    def _carry_over(self, model: str, sk: str, run_id: str) -> RunState | None:
        item, uploads = self.with_uploads(model, sk, run_id)
        if item is None:
            return None
        state, changes = RunState(str(item["state"])), {name: item[name] for name in ("state", "reason")}
        late = [each for each in uploads if each["state"] != item["state"]]
        for upload in late[TOGETHER:]:
            self._items.update(model_key(model), str(upload["sk"]), changes, expected={"run_id": run_id})
        together: list[Change] = [
            Update(model_key(model), str(upload["sk"]), changes, {"run_id": run_id})
            for upload in late[:TOGETHER]
        ]
        if state.is_terminal:
            together.append(self.closing(model, sk))
        if together and not self._items.write(together):
            return self._carry_over(model, sk, run_id)  # an upload has become another run's meanwhile
        return state
