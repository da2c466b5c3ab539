"""The ledger: what became of every upload, who runs, who waits, what is live, what we wait for.

One table. Partition `MODEL#<model>`: UPLOAD#<id>, RUN#<run_id>, ACTIVE, WAITING, CHAMPION, RETIRED,
TRIGGER#<cause>, LABELS#<key>, COST#<month>#<run_id>. Partition `WAIT#<resource>`: the tokens of whoever waits for that
resource. Partition `ROLLOUT#<run_id>`: STATE, POLICY, a BLOCK# item a block of evidence and a DROP# item a compared
batch drop. Partition `CAPACITY`: one item a pool of instances.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from switchyard.core.batch_drop import Batch
from switchyard.core.champion import Champion
from switchyard.core.costs import Costs
from switchyard.core.errors import MissingError
from switchyard.core.evidence import Block
from switchyard.core.pools import Place, Pool
from switchyard.core.ports import Clock, Item, Items
from switchyard.core.retirement import Retirement
from switchyard.core.run import Run, RunState

KEPT_CHAMPIONS = 3


@dataclass(frozen=True)
class Wait:
    """Somebody's token: `expects` says when it is answered, `result` with what."""

    resource: str
    key: str
    token: str
    expects: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    laps: int = 0


def _model(model: str) -> str:
    return f"MODEL#{model}"


class Ledger:
    """Records and the conditions under which they may change."""

    def __init__(self, items: Items, clock: Clock) -> None:
        self._items = items
        self._clock = clock
        self.costs = Costs(items)

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")

    # uploads

    def record_upload(
        self, model: str, upload_id: str, source: str, state: RunState, reason: str, run_id: str = ""
    ) -> None:
        item: Item = {"pk": _model(model), "sk": f"UPLOAD#{upload_id}", "source": source, "at": self._now()}
        self._items.put({**item, "state": state.value, "reason": reason[:1000], "run_id": run_id})

    def forget_upload(self, model: str, upload_id: str) -> None:
        self._items.delete(_model(model), f"UPLOAD#{upload_id}")

    def uploads(self, model: str) -> list[Item]:
        return self._items.query(_model(model), "UPLOAD#")

    def record_labels(self, model: str, key: str, good: int, bad: int, reason: str) -> None:
        """What a label file held."""
        item: Item = {"pk": _model(model), "sk": f"LABELS#{key}", "good": good, "bad": bad, "at": self._now()}
        self._items.put({**item, "reason": reason[:1000]})

    # runs

    def create_run(self, run: Run, arrived_at: float, why: str = "") -> bool:
        """False when this dataset, or this request, already has its run. why: what a request said of itself."""
        item: Item = {"pk": _model(run.model), "sk": f"RUN#{run.run_id}", "run": json.dumps(run.to_dict())}
        moment = {"started_at": self._now(), "arrived_at": f"{arrived_at:017.6f}"}
        state = {"state": RunState.ADMITTED.value, "reason": "", "source": run.source, "run_id": run.run_id}
        return self._items.put({**item, **moment, **state, "why": why[:1000]}, absent=True)

    def run_item(self, model: str, run_id: str) -> Item | None:
        return self._items.get(_model(model), f"RUN#{run_id}")

    def run(self, model: str, run_id: str) -> Run:
        item = self.run_item(model, run_id)
        if item is None:
            raise MissingError(
                f"run {run_id} of model {model} is not in the ledger; run the sweep, then look again"
            )
        return Run.from_dict(json.loads(str(item["run"])))

    def runs(self, model: str) -> list[Item]:
        return self._items.query(_model(model), "RUN#")

    def state(self, model: str, run_id: str) -> RunState | None:
        item = self.run_item(model, run_id)
        return RunState(str(item["state"])) if item else None

    def set_state(self, model: str, run_id: str, state: RunState, reason: str = "") -> RunState | None:
        """Moves a run, if it may still go there, and every upload of it; answers where the run is now."""
        return self._move(model, f"RUN#{run_id}", run_id, state, reason)

    def _move(self, model: str, sk: str, run_id: str, state: RunState, reason: str) -> RunState | None:
        item = self._items.get(_model(model), sk)
        if item is not None and RunState(str(item["state"])).may_become(state):
            changes: Item = {"state": state.value, "reason": reason[:1000]}
            if state.is_terminal:
                changes["ended_at"] = self._now()
            if not self._items.update(_model(model), sk, changes, expected={"state": item["state"]}):
                return self._move(model, sk, run_id, state, reason)
        return self._carry_over(model, sk, run_id)

    def record(self, model: str, record: str) -> Item | None:
        """The item of a run or a batch drop, by its sort key."""
        return self._items.get(_model(model), record)

    def say(self, model: str, record: str, reason: str) -> None:
        """What a run or a batch drop that is under way waits for; "" once it goes on."""
        running: Item = {"state": RunState.RUNNING.value}
        self._items.update(_model(model), record, {"reason": reason[:1000]}, expected=running)

    def note_package(self, run: Run, arn: str) -> None:
        """The run's model package, and when it was registered first."""
        if "package" not in (self.run_item(run.model, run.run_id) or {}):
            changes: Item = {"package": arn, "registered_at": f"{self._clock():.3f}"}
            self._items.update(_model(run.model), f"RUN#{run.run_id}", changes)

    def registered_at(self, run: Run) -> float:
        """Seconds since the epoch; now for a run whose registration is not known."""
        return float((self.run_item(run.model, run.run_id) or {}).get("registered_at", self._clock()))

    def note(self, run: Run, notes: Item) -> None:
        """Something to be remembered of a run that is in the ledger; it says nothing about its state."""
        if self.run_item(run.model, run.run_id) is not None:
            self._items.update(_model(run.model), f"RUN#{run.run_id}", notes)

    def note_alpha(self, run: Run, variants: int) -> None:
        """From when on the run has an alpha endpoint, of so many variants; the first time counts."""
        if "alpha_from" not in (self.run_item(run.model, run.run_id) or {}):
            self.note(run, {"alpha_from": f"{self._clock():.3f}", "alpha_variants": variants})

    def note_alpha_end(self, run: Run) -> None:
        """Until when; nothing for a run that had none."""
        item = self.run_item(run.model, run.run_id) or {}
        if "alpha_from" in item and "alpha_until" not in item:
            self.note(run, {"alpha_until": f"{self._clock():.3f}"})

    def carry_over(self, model: str, run_id: str) -> RunState | None:
        """Brings every upload of a run to where the run is, also when whoever began that did not come to its end."""
        return self._carry_over(model, f"RUN#{run_id}", run_id)

    def _carry_over(self, model: str, sk: str, run_id: str) -> RunState | None:
        item = self._items.get(_model(model), sk)
        if item is None:
            return None
        changes: Item = {name: item[name] for name in ("state", "reason")}
        for upload in self.uploads(model):
            if upload["run_id"] == run_id and upload["state"] != item["state"]:
                self._items.update(_model(model), str(upload["sk"]), changes)
        return RunState(str(item["state"]))

    # batch drops

    def create_batch(self, batch: Batch, arrived_at: float) -> bool:
        """False when this drop already has its transform."""
        item: Item = {"pk": _model(batch.model), "sk": f"BATCH#{batch.batch_id}", "source": batch.source}
        moment = {"started_at": self._now(), "arrived_at": f"{arrived_at:017.6f}"}
        state = {"state": RunState.ADMITTED.value, "reason": "", "batch": json.dumps(batch.to_dict())}
        return self._items.put({**item, **moment, **state}, absent=True)

    def batch_item(self, model: str, batch_id: str) -> Item | None:
        return self._items.get(_model(model), f"BATCH#{batch_id}")

    def batches(self, model: str) -> list[Item]:
        return self._items.query(_model(model), "BATCH#")

    def set_batch_state(self, batch: Batch, state: RunState, reason: str = "") -> RunState | None:
        """As set_state, for a batch drop."""
        return self._move(batch.model, f"BATCH#{batch.batch_id}", batch.batch_id, state, reason)

    # batch drops that a challenger in rollout is compared on

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

    # one run at a time a model; the newest dataset waits

    def acquire(self, model: str, run_id: str) -> bool:
        """True when this run is now, or already was, the model's active one."""
        if self._items.put(
            {"pk": _model(model), "sk": "ACTIVE", "run_id": run_id, "at": self._now()}, absent=True
        ):
            return True
        return self.active(model) == run_id

    def active(self, model: str) -> str | None:
        item = self._items.get(_model(model), "ACTIVE")
        return str(item["run_id"]) if item else None

    def release(self, model: str, run_id: str) -> None:
        self._items.delete(_model(model), "ACTIVE", expected={"run_id": run_id})

    def waiting(self, model: str) -> Item | None:
        return self._items.get(_model(model), "WAITING")

    def replace_waiting(self, run: Run, arrived_at: float, old: Item | None) -> bool:
        """Puts `run` in the one waiting place, if that place still holds `old`."""
        item: Item = {
            "run_id": run.run_id,
            "run": json.dumps(run.to_dict()),
            "arrived_at": f"{arrived_at:017.6f}",
        }
        if old is None:
            return self._items.put({"pk": _model(run.model), "sk": "WAITING", **item}, absent=True)
        return self._items.update(_model(run.model), "WAITING", item, expected={"run_id": old["run_id"]})

    def clear_waiting(self, model: str, run_id: str) -> bool:
        return self._items.delete(_model(model), "WAITING", expected={"run_id": run_id})

    # what is live

    def champion(self, model: str) -> Champion | None:
        item = self._items.get(_model(model), "CHAMPION")
        return Champion.from_dict(json.loads(str(item["champion"]))) if item else None

    def former_champions(self, model: str) -> list[Champion]:
        item = self._items.get(_model(model), "CHAMPION")
        return [Champion.from_dict(each) for each in json.loads(str(item["former"]))] if item else []

    def kept_champions(self, model: str) -> list[Champion]:
        """The champion, then those before it that there is a way back to, newest first."""
        now = self.champion(model)
        return [*([now] if now else []), *self.former_champions(model)]

    def set_champion(self, model: str, champion: Champion) -> None:
        """Makes `champion` the model's champion; the ones before it are kept for a way back."""
        before = self.kept_champions(model)
        if before and before[0].run_id == champion.run_id:
            return
        former = [each for each in before if each.run_id != champion.run_id][:KEPT_CHAMPIONS]
        item: Item = {"pk": _model(model), "sk": "CHAMPION", "run_id": champion.run_id, "at": self._now()}
        texts = {
            "champion": json.dumps(champion.to_dict()),
            "former": json.dumps([c.to_dict() for c in former]),
        }
        self._items.put({**item, **texts})

    def retire(self, retirement: Retirement) -> None:
        """The model has no champion any more, nor a way back to one before."""
        item: Item = {
            "pk": _model(retirement.model),
            "sk": "RETIRED",
            "retirement": json.dumps(retirement.to_dict()),
        }
        self._items.put({**item, "at": self._now()})
        self._items.delete(_model(retirement.model), "CHAMPION", expected={"run_id": retirement.champion})

    def retirement(self, model: str) -> Retirement | None:
        """The model's last one; it may have a champion again since."""
        item = self._items.get(_model(model), "RETIRED")
        return Retirement.from_dict(json.loads(str(item["retirement"]))) if item else None

    # what starts runs besides drops

    def trigger(self, model: str, cause: str) -> Item | None:
        """What was noted when this trigger of a model was last looked at."""
        return self._items.get(_model(model), f"TRIGGER#{cause}")

    def save_trigger(self, model: str, cause: str, note: Item) -> None:
        self._items.put({"pk": _model(model), "sk": f"TRIGGER#{cause}", "at": self._now(), **note})

    def forget_trigger(self, model: str, cause: str) -> None:
        self._items.delete(_model(model), f"TRIGGER#{cause}")

    # tokens

    def save_wait(self, wait: Wait) -> Wait:
        """Stores the token before anything is done for it; keeps count of the laps of the same wait."""
        before = self._items.get(f"WAIT#{wait.resource}", wait.key)
        laps = int(before["laps"]) if before else 0
        item: Item = {"pk": f"WAIT#{wait.resource}", "sk": wait.key, "token": wait.token, "laps": laps}
        texts = {"expects": json.dumps(dict(wait.expects)), "result": json.dumps(dict(wait.result))}
        self._items.put({**item, **texts, "at": self._now()})
        return Wait(wait.resource, wait.key, wait.token, wait.expects, wait.result, laps)

    def count_lap(self, wait: Wait) -> None:
        changes: Item = {"laps": wait.laps + 1}
        self._items.update(f"WAIT#{wait.resource}", wait.key, changes, expected={"token": wait.token})

    def waits(self, resource: str) -> list[Wait]:
        return [_wait(resource, item) for item in self._items.query(f"WAIT#{resource}")]

    def wait(self, resource: str, key: str) -> Wait | None:
        item = self._items.get(f"WAIT#{resource}", key)
        return _wait(resource, item) if item else None

    def end_wait(self, wait: Wait) -> None:
        self._items.delete(f"WAIT#{wait.resource}", wait.key, expected={"token": wait.token})

    # capacity

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

    # rollouts

    def save_rollout(self, run_id: str, changes: Item) -> None:
        self._items.update(f"ROLLOUT#{run_id}", "STATE", changes)

    def rollout(self, run_id: str) -> Item | None:
        return self._items.get(f"ROLLOUT#{run_id}", "STATE")

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
        return tuple(Block(**json.loads(str(item["block"]))) for item in items)


def ended_at(item: Item) -> float:
    """When a run or a batch drop ended, in seconds since the epoch; infinite for one that has not."""
    text = str(item.get("ended_at", ""))
    return datetime.fromisoformat(text).timestamp() if text else math.inf


def _pool(item: Item) -> Pool:
    content = json.loads(str(item["pool"]))
    return Pool(
        *(tuple(Place(**place) for place in content[name]) for name in ("holders", "waiters")),
    )


def _wait(resource: str, item: Item) -> Wait:
    expects, result = json.loads(str(item["expects"])), json.loads(str(item["result"]))
    return Wait(resource, str(item["sk"]), str(item["token"]), expects, result, int(item["laps"]))
