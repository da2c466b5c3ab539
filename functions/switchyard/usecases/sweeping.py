"""What events lost: runs that ended unseen, endpoints that stayed between two models, ledgers that forgot.

The sweep walks endpoints and records, not locks, and does nothing that SettleRun would not do.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from switchyard.contracts.ports import Control, Executions, Storage
from switchyard.domain.champion import Champion
from switchyard.domain.errors import BusyError
from switchyard.domain.names import Names, run_id
from switchyard.domain.restoring import Done, next_step
from switchyard.domain.run import Outcome, Run, RunState
from switchyard.usecases.ledger import Ledger
from switchyard.usecases.settling import RESTORE_ATTEMPTS, RESTORE_SUFFIX, UNFINISHED, Settling
from switchyard.usecases.starting import Starting


@dataclass(frozen=True)
class Sweeping:
    """Finds what is stuck and hands it to settling."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    executions: Executions
    starting: Starting
    settling: Settling

    def sweep(self, ledger_lost: bool = False) -> list[str]:
        """Goes through every model that has a pipeline.yaml; answers what was done, a line each.

        ledger_lost: the table is known to be new, so a snapshot without a record is a run that was under way.
        """
        done: list[str] = []
        for model in self._models():
            try:
                done += self._sweep_model(model, ledger_lost)
            except Exception as error:  # one model's trouble must not hide the others'
                done.append(
                    f"{model}: not swept, {type(error).__name__}: {str(error)[:200]}; tried again next time"
                )
        return done

    def _sweep_model(self, model: str, ledger_lost: bool) -> list[str]:
        done = self._remember(model)
        if ledger_lost:
            done += self._close_forgotten(model)
        done += self._free_place(model)
        done += self._settle_stuck(model)
        done += self._catch_up(model)
        done += self._restore_left(model)
        done += self._delete_alphas(model)
        self.starting.start_next(model)
        return done

    def _delete_alphas(self, model: str) -> list[str]:
        """Alpha endpoints whose run has ended: they cost money and nobody knows them."""
        done = []
        endpoints = set(self.control.list_endpoints(f"{self.prefix}-{model}-"))
        for item in self.ledger.runs(model):
            name = Names(self.prefix, model, str(item["run_id"])).alpha
            if name in endpoints and RunState(str(item["state"])).is_terminal:
                with suppress(BusyError):
                    self.control.delete_endpoint(name, config=name)
                    done.append(f"{name}: its run has ended; deleted")
        return done

    def _models(self) -> list[str]:
        return [
            item.key.split("/")[0]
            for item in self.artifacts.list("")
            if item.key.count("/") == 1 and item.key.endswith("/pipeline.yaml")
        ]

    def _remember(self, model: str) -> list[str]:
        """Rebuilds a lost champion record and the run records from the decision records in the bucket."""
        if self.ledger.champion(model) is not None:
            return []
        records = [json.loads(self.artifacts.read(i.key)) for i in self.artifacts.list(f"{model}/decisions/")]
        records.sort(key=lambda record: float(record["settled_at"]))
        done = []
        for record in records:
            self._remember_run(record)
            if record["state"] == RunState.PROMOTED:
                self.ledger.crown(model, Champion.from_dict(record["champion"]))
                done.append(f"{model}: {record['run']['run_id']} is champion again, from its decision record")
        return done

    def _remember_run(self, record: dict[str, Any]) -> None:
        run = Run.from_dict(record["run"])
        if self.ledger.create_run(run, float(record["settled_at"])):
            self.ledger.set_state(run.model, run.run_id, RunState(record["state"]), record["reason"])
            state = RunState(record["state"])
            self.ledger.record_upload(
                run.model, f"{run.source}#{run.digest[:12]}", run.source, state, record["reason"], run.run_id
            )

    def _close_forgotten(self, model: str) -> list[str]:
        """Runs that only their snapshots tell of: nobody will end them any more."""
        reason = "the ledger was lost while this run was under way; drop the dataset again to run it anew"
        done = []
        for item in self.artifacts.list(f"{model}/snapshots/"):
            if not item.key.endswith("/manifest.json"):
                continue
            run = self._run_of(model, item.key)
            if self.ledger.create_run(run, item.modified_at):
                upload = f"{run.source}#{run.digest[:12]}"
                self.ledger.record_upload(model, upload, run.source, RunState.ADMITTED, "", run.run_id)
                self.settling.close(run, Outcome(RunState.ABORTED, reason))
                done.append(f"{run.run_id}: ABORTED, {reason}")
        return done

    def _run_of(self, model: str, manifest_key: str) -> Run:
        manifest = json.loads(self.artifacts.read(manifest_key))
        digest, prefix = str(manifest["digest"]), manifest_key.removesuffix("manifest.json")
        return Run(model, run_id(model, digest), digest, str(manifest["source"]), prefix)

    def _free_place(self, model: str) -> list[str]:
        """The model's place, held by a run that has ended."""
        active = self.ledger.active(model)
        if active is None:
            return []
        state = self.ledger.carry_over(model, active)
        if state is not None and not state.is_terminal:
            return []
        self.ledger.release(model, active)
        return [f"{model}: {active} has ended and held the place; it is free"]

    def _settle_stuck(self, model: str) -> list[str]:
        done = []
        for item in self.ledger.runs(model):
            waiting = self.ledger.waiting(model)
            if RunState(str(item["state"])).is_terminal or (waiting and waiting["run_id"] == item["run_id"]):
                continue
            run = Run.from_dict(json.loads(str(item["run"])))
            done += self._settle_one(run, float(item["arrived_at"]))
        return done

    def _catch_up(self, model: str) -> list[str]:
        """Uploads that do not yet say what their run says."""
        states = {item["run_id"]: item["state"] for item in self.ledger.runs(model)}
        behind = {
            str(upload["run_id"])
            for upload in self.ledger.uploads(model)
            if states.get(upload["run_id"], upload["state"]) != upload["state"]
        }
        for each in behind:
            self.ledger.carry_over(model, each)
        return [f"{each}: its uploads say now what it says" for each in sorted(behind)]

    def _settle_one(self, run: Run, arrived_at: float) -> list[str]:
        execution = self.executions.retrain_status(run.run_id)
        if execution is None and self._is_outrun(run, arrived_at):
            state = self.ledger.set_state(
                run.model, run.run_id, RunState.SUPERSEDED, "a newer dataset has run"
            )
            self.ledger.release(run.model, run.run_id)
            return [f"{run.run_id}: {state}; a newer dataset has run"]
        if execution is None:
            answer = self.starting.start_or_wait(run, arrived_at)
            return [f"{run.run_id}: {answer}; its execution had never started"]
        if execution.status in UNFINISHED:
            return []
        state = self.settling.ended(run, execution)
        if state is None:
            return self._restore_again(run)
        return [f"{run.run_id}: ended unseen, settled as {state}"]

    def _is_outrun(self, run: Run, arrived_at: float) -> bool:
        """It never began, and a newer one did: only the newest is worth a run."""
        begun = [item for item in self.ledger.runs(run.model) if float(item["arrived_at"]) > arrived_at]
        state = self.ledger.state(run.model, run.run_id)
        never_began = state is not None and state.may_become(RunState.SUPERSEDED)
        return never_began and any(self.executions.retrain_status(str(i["run_id"])) for i in begun)

    def _restore_again(self, run: Run) -> list[str]:
        """Once more each time the sweep comes, when the attempts that events make are used up."""
        last = self.executions.restore_status(f"{run.run_id}{RESTORE_SUFFIX}-{RESTORE_ATTEMPTS}")
        if last is not None and last.status != "RUNNING":
            self.executions.start_restore(
                f"{run.run_id}{RESTORE_SUFFIX}-at-{self._moment()}", {"run": run.to_dict()}
            )
        return [f"{run.run_id}: it has ended, its endpoint is being restored"]

    def _restore_left(self, model: str) -> list[str]:
        """An endpoint between two models with no run that owns it goes back to its champion."""
        if self.ledger.active(model) is not None:
            return []
        champion = self.ledger.champion(model)
        if champion is None:
            return []
        names = Names(self.prefix, model, champion.run_id)
        if isinstance(next_step(self.control.describe_endpoint(names.endpoint), champion), Done):
            return []
        run = self.ledger.run(model, champion.run_id)
        self.executions.start_restore(f"{champion.run_id}-sweep-{self._moment()}", {"run": run.to_dict()})
        return [f"{model}: its endpoint was not the champion's alone; restoring {champion.run_id}"]

    def _moment(self) -> int:
        return int(self.settling.clock())
