"""What events lost: runs that ended unseen, endpoints that stayed between two models, ledgers that forgot.

The sweep walks endpoints and records, not locks, and does nothing that SettleRun would not do.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from switchyard.batch.admit_batch import SweepBatches
from switchyard.closing.cleanup import Cleanup
from switchyard.closing.retire_model import RetireModel
from switchyard.closing.settle_run import RESTORE_ATTEMPTS, RESTORE_SUFFIX, SettleRun
from switchyard.config.pipeline_file import pipeline_key
from switchyard.core.champion import Champion
from switchyard.core.each_model import go_round
from switchyard.core.errors import BusyError
from switchyard.core.execution_end import UNFINISHED
from switchyard.core.finding import Finding
from switchyard.core.ledger.costs import SETTLED, Entry
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names, run_id
from switchyard.core.ports import Control, Execution, Executions, Storage
from switchyard.core.retirement import RETIRED, Retirement
from switchyard.core.run import Outcome, Run, RunState
from switchyard.intake.run_queue import RunQueue
from switchyard.rollout.rules.restore_step import Done, next_step


@dataclass(frozen=True)
class Sweep:
    """Finds what is stuck and hands it to settling."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    executions: Executions
    run_queue: RunQueue
    settle_run: SettleRun
    cleanup: Cleanup
    batches: SweepBatches
    retire_model: RetireModel

    def sweep(self, ledger_lost: bool = False, dry_run: bool = False) -> list[str]:
        """Goes through every model that has a pipeline.yaml, or a champion; answers what was done, a line each.

        ledger_lost: the table is known to be new, so a snapshot without a record is a run that was under way.
        dry_run: nothing is changed; the lines say what is amiss.
        """
        sweep_model = partial(self._sweep_model, ledger_lost=ledger_lost, dry_run=dry_run)
        said = go_round(self._models(), sweep_model, "not swept, {error}; tried again next time")
        return said + list(self.settle_run.capacity.sweep(dry_run))

    def _sweep_model(self, model: str, ledger_lost: bool, dry_run: bool) -> Iterator[str]:
        for finding in self._findings(model, ledger_lost):
            yield finding.what if dry_run else finding.mend()
        if not dry_run:
            if self.ledger.active(model) is None:
                self.settle_run.keep_live(model)
            self.run_queue.start_next(model)

    def _findings(self, model: str, ledger_lost: bool) -> Iterator[Finding]:
        """In an order in which each finds what the mending of those before it left."""
        yield from self.retire_model.vanished(model)
        yield from self._remember(model)
        if ledger_lost:
            yield from self._close_forgotten(model)
        yield from self._free_place(model)
        yield from self._settle_stuck(model)
        yield from self._catch_up(model)
        yield from self.retire_model.findings(model)
        yield from self._restore_left(model)
        yield from self._delete_alphas(model)
        yield from self.batches.findings(model)
        yield from self.cleanup.findings(model)

    def _delete_alphas(self, model: str) -> Iterator[Finding]:
        """Alpha endpoints whose run has ended: they cost money and nobody knows them."""
        endpoints = set(self.control.list_endpoints(f"{self.prefix}-{model}-"))
        for item in self.ledger.runs(model):
            name = Names(self.prefix, model, str(item["run_id"])).alpha
            if name in endpoints and RunState(str(item["state"])).is_terminal:
                yield Finding(f"{name}: its run has ended", partial(self._delete_alpha, name))

    def _delete_alpha(self, name: str) -> str:
        with suppress(BusyError):
            self.control.delete_endpoint(name, config=name)
            return f"{name}: its run has ended; deleted"
        return ""

    def _models(self) -> list[str]:
        return [
            model
            for model in self.artifacts.folders()
            if self.artifacts.exists(pipeline_key(model)) or self.ledger.champion(model)
        ]

    def _remember(self, model: str) -> Iterator[Finding]:
        """A lost champion record, which decision records in the bucket tell of."""
        if self.ledger.champion(model) is not None:
            return
        records = [json.loads(self.artifacts.read(i.key)) for i in self.artifacts.list(f"{model}/decisions/")]
        records.sort(key=lambda record: float(record["settled_at"]))
        for at, record in enumerate(records):
            if record["state"] == RETIRED:
                yield from self._remember_retirement(Retirement.from_dict(record))
                continue
            run, is_past = record["run"]["run_id"], any(r["state"] == RETIRED for r in records[at:])
            if record["state"] == RunState.PROMOTED and not is_past:
                what = f"{model}: {run} was promoted, by its decision record, and the ledger has no champion"
                yield Finding(what, partial(self._remember_champion, model, record))
            elif self.ledger.run_item(model, run) is None:
                yield Finding(f"{run}: only its decision record is left", partial(self._remember_run, record))

    def _remember_retirement(self, retirement: Retirement) -> Iterator[Finding]:
        if self.ledger.retirement(retirement.model) is None:
            what = f"{retirement.model}: only the decision record of its retirement is left"
            yield Finding(what, partial(self._retire_again, retirement))

    def _retire_again(self, retirement: Retirement) -> str:
        self.ledger.retire(retirement)
        return ""

    def _remember_champion(self, model: str, record: dict[str, Any]) -> str:
        self._remember_run(record)
        self.ledger.set_champion(model, Champion.from_dict(record["champion"]))
        return f"{model}: {record['run']['run_id']} is champion again, from its decision record"

    def _remember_run(self, record: dict[str, Any]) -> str:
        run = Run.from_dict(record["run"])
        if self.ledger.create_run(run, float(record["settled_at"])):
            state = RunState(record["state"])
            self.ledger.set_state(run.model, run.run_id, state, record["reason"])
            self._charge_again(run, record)
            self.ledger.record_upload(
                run.model, f"{run.source}#{run.digest[:12]}", run.source, state, record["reason"], run.run_id
            )
        return ""

    def _charge_again(self, run: Run, record: dict[str, Any]) -> None:
        """What it has cost counts still in its month."""
        if record.get("cost"):
            self.ledger.note(run, {"cost": json.dumps(record["cost"]), "month": record["month"]})
            entry = Entry(run.run_id, float(record["cost"]["usd"]), SETTLED)
            self.ledger.costs.put(run.model, record["month"], entry)

    def _close_forgotten(self, model: str) -> Iterator[Finding]:
        """Runs that only their snapshots tell of: nobody will end them any more."""
        for item in self.artifacts.list(f"{model}/snapshots/"):
            if not item.key.endswith("/manifest.json"):
                continue
            run = self._run_of(model, item.key)
            if self.ledger.run_item(model, run.run_id) is None:
                what = f"{run.run_id}: only its snapshot is left"
                yield Finding(what, partial(self._close_one, run, item.modified_at))

    def _close_one(self, run: Run, arrived_at: float) -> str:
        reason = "the ledger was lost while this run was under way; drop the dataset again to run it anew"
        self.ledger.create_run(run, arrived_at)
        upload = f"{run.source}#{run.digest[:12]}"
        self.ledger.record_upload(run.model, upload, run.source, RunState.ADMITTED, "", run.run_id)
        self.settle_run.close(run, Outcome(RunState.ABORTED, reason))
        return f"{run.run_id}: ABORTED, {reason}"

    def _run_of(self, model: str, manifest_key: str) -> Run:
        manifest = json.loads(self.artifacts.read(manifest_key))
        digest, prefix = str(manifest["digest"]), manifest_key.removesuffix("manifest.json")
        return Run(model, run_id(model, digest), digest, str(manifest["source"]), prefix)

    def _free_place(self, model: str) -> Iterator[Finding]:
        """The model's place, held by a run that has ended."""
        active = self.ledger.active(model)
        if active is None:
            return
        state = self.ledger.state(model, active)
        if state is None or state.is_terminal:
            what = f"{model}: {active} has ended and holds the place"
            yield Finding(what, partial(self._free, model, active))

    def _free(self, model: str, active: str) -> str:
        self.ledger.carry_over(model, active)
        self.ledger.release(model, active)
        return f"{model}: {active} has ended and held the place; it is free"

    def _settle_stuck(self, model: str) -> Iterator[Finding]:
        for item in self.ledger.runs(model):
            waiting = self.ledger.waiting(model)
            if RunState(str(item["state"])).is_terminal or (waiting and waiting["run_id"] == item["run_id"]):
                continue
            run = Run.from_dict(json.loads(str(item["run"])))
            yield from self._unsettled(run, float(item["arrived_at"]))

    def _catch_up(self, model: str) -> Iterator[Finding]:
        """Uploads that do not yet say what their run says."""
        states = {item["run_id"]: item["state"] for item in self.ledger.runs(model)}
        behind = {
            str(upload["run_id"])
            for upload in self.ledger.uploads(model)
            if states.get(upload["run_id"], upload["state"]) != upload["state"]
        }
        for each in sorted(behind):
            yield Finding(f"{each}: its uploads say something else", partial(self._carry_over, model, each))

    def _carry_over(self, model: str, run_id: str) -> str:
        self.ledger.carry_over(model, run_id)
        return f"{run_id}: its uploads say now what it says"

    def _unsettled(self, run: Run, arrived_at: float) -> Iterator[Finding]:
        execution = self.executions.retrain_status(run.run_id)
        if execution is None:
            what = f"{run.run_id}: its execution has never started"
            yield Finding(what, partial(self._start_or_give_up, run, arrived_at))
        elif execution.status not in UNFINISHED:
            what = f"{run.run_id}: its execution has ended ({execution.status}) and it is not settled"
            yield Finding(what, partial(self._settle, run, execution))

    def _start_or_give_up(self, run: Run, arrived_at: float) -> str:
        if self._is_outrun(run, arrived_at):
            state = self.ledger.set_state(
                run.model, run.run_id, RunState.SUPERSEDED, "a newer dataset has run"
            )
            self.ledger.release(run.model, run.run_id)
            return f"{run.run_id}: {state}; a newer dataset has run"
        answer = self.run_queue.start_or_wait(run, arrived_at)
        return f"{run.run_id}: {answer}; its execution had never started"

    def _settle(self, run: Run, execution: Execution) -> str:
        state = self.settle_run.ended(run, execution)
        if state is None:
            return self._restore_again(run)
        return f"{run.run_id}: ended unseen, settled as {state}"

    def _is_outrun(self, run: Run, arrived_at: float) -> bool:
        """It never began, and a newer one did: only the newest is worth a run."""
        begun = [item for item in self.ledger.runs(run.model) if float(item["arrived_at"]) > arrived_at]
        state = self.ledger.state(run.model, run.run_id)
        never_began = state is not None and state.may_become(RunState.SUPERSEDED)
        return never_began and any(self.executions.retrain_status(str(i["run_id"])) for i in begun)

    def _restore_again(self, run: Run) -> str:
        """Once more each time the sweep comes, when the attempts that events make are used up."""
        last = self.executions.restore_status(f"{run.run_id}{RESTORE_SUFFIX}-{RESTORE_ATTEMPTS}")
        if last is not None and last.status != "RUNNING":
            self.executions.start_restore(
                f"{run.run_id}{RESTORE_SUFFIX}-at-{self._moment()}", {"run": run.to_dict()}
            )
        return f"{run.run_id}: it has ended, its endpoint is being restored"

    def _restore_left(self, model: str) -> Iterator[Finding]:
        """An endpoint between two models with no run that owns it goes back to its champion."""
        champion = self.ledger.champion(model)
        if champion is None or self.ledger.active(model) is not None:
            return
        names = Names(self.prefix, model, champion.run_id)
        if not isinstance(next_step(self.control.describe_endpoint(names.endpoint), champion), Done):
            what = f"{model}: its endpoint is not the champion's alone"
            yield Finding(what, partial(self._give_back, model, champion))

    def _give_back(self, model: str, champion: Champion) -> str:
        run = self.ledger.run(model, champion.run_id)
        self.executions.start_restore(f"{champion.run_id}-sweep-{self._moment()}", {"run": run.to_dict()})
        return f"{model}: its endpoint was not the champion's alone; restoring {champion.run_id}"

    def _moment(self) -> int:
        return int(self.settle_run.clock())
