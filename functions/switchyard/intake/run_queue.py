"""One run at a time a model; while it runs, only the newest dataset waits."""

import json
from dataclasses import dataclass

from switchyard.config.snapshot import Snapshots
from switchyard.core.decision_record import DecisionRecords
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Executions
from switchyard.core.run import Outcome, Run, RunState
from switchyard.intake.rules.route import route_of
from switchyard.spending.rules.cost import NOTHING
from switchyard.spending.run_budget import RunBudget

MAX_TRIES = 8
UNDER_WAY = "another run of this model is under way"


@dataclass(frozen=True)
class RunQueue:
    """Ten thousand uploads are at most two runs: the one that runs and the newest that waits."""

    ledger: Ledger
    executions: Executions
    snapshots: Snapshots
    run_budget: RunBudget
    decision_records: DecisionRecords

    def start_or_wait(self, run: Run, arrived_at: float) -> str:
        """Starts the run now if the model is free, else puts it in the waiting place."""
        if self.is_outrun(run, arrived_at):
            return self._supersede(run.model, run.run_id, "a newer dataset has run")
        if why := self._busy(run):
            answer = self._wait(run, arrived_at, why)
        else:
            state = self._start(run, arrived_at)
            self._drop_older(run, arrived_at)
            answer = f"started {run.run_id}" if state is RunState.RUNNING else f"{run.run_id}: {state}"
        self.start_next(run.model)  # the active run may have ended between our two looks
        return answer

    def _busy(self, run: Run) -> str:
        """Why the run must wait; "" when the model's place is its own now. In a flood of drops this is asked once a
        drop, and the first answer is the usual one.
        """
        if self.ledger.active(run.model) not in (None, run.run_id):
            return UNDER_WAY
        if used_up := self.run_budget.used_up(run):
            return used_up
        return "" if self.ledger.acquire(run.model, run.run_id) else UNDER_WAY

    def is_outrun(self, run: Run, arrived_at: float) -> bool:
        """It never began, and a dataset that arrived later did: only the newest is worth a run."""
        state = self.ledger.state(run.model, run.run_id)
        never_began = state is not None and state.may_become(RunState.SUPERSEDED)
        return never_began and run.is_dropped and self.ledger.begun(run.model) > arrived_at

    def start_next(self, model: str) -> None:
        """Starts what waits, if the model is free and may start one more run today."""
        for _ in range(MAX_TRIES):
            waiting = self.ledger.waiting(model)
            if waiting is None:
                return
            run = Run.from_dict(json.loads(str(waiting["run"])))
            if self.ledger.active(model) not in (None, run.run_id):
                return
            if used_up := self.run_budget.used_up(run):
                self.ledger.say(model, run.record, used_up, RunState.WAITING)
                return
            if not self.ledger.acquire(model, run.run_id):
                return
            if self._start(run, float(waiting["arrived_at"])) is RunState.RUNNING:
                return

    def _drop_older(self, run: Run, arrived_at: float) -> None:
        """What waits is older where the dataset that runs was dropped once more: only the newest is worth a run."""
        waiting = self.ledger.waiting(run.model)
        if waiting is None or float(waiting["arrived_at"]) >= arrived_at:
            return
        if self.ledger.state(run.model, run.run_id) is RunState.RUNNING and self.ledger.clear_waiting(
            run.model, str(waiting["run_id"])
        ):
            self._supersede(run.model, str(waiting["run_id"]), f"a newer dataset runs: {run.run_id}")

    def _start(self, run: Run, arrived_at: float) -> RunState | None:
        """Starts the model's active run. Its state decides: once RUNNING it cannot be superseded, and one that was
        superseded or has ended gives the place back; a crash before the execution starts is found by the sweep.
        """
        self._refuse_over_budget(run)
        state = self.ledger.set_state(run.model, run.run_id, RunState.RUNNING)
        self.ledger.clear_waiting(run.model, run.run_id)
        if state is RunState.RUNNING:
            self.run_budget.note_start(run)
            if run.is_dropped:
                self.ledger.note_begun(run.model, arrived_at)
            route = route_of(self.snapshots.pipeline(run))
            self.executions.start_retrain(run.run_id, {"run": run.to_dict(), "route": route})
        elif state is None or state.is_terminal:
            self.run_budget.release(run)
            self.ledger.release(run.model, run.run_id)
        return state

    def _refuse_over_budget(self, run: Run) -> None:
        """Ends a run that its model cannot afford, as ABORTED: dropped again once it can, it is tried again."""
        state = self.ledger.state(run.model, run.run_id)
        if state is not None and state.may_become(RunState.RUNNING):
            refused = self.run_budget.reserve(run)
            if refused:
                self.decision_records.close(run, Outcome(RunState.ABORTED, refused), {"weights": []}, NOTHING)

    def _wait(self, run: Run, arrived_at: float, why: str) -> str:
        for _ in range(MAX_TRIES):
            old = self.ledger.waiting(run.model)
            if old is not None and old["run_id"] == run.run_id and float(old["arrived_at"]) >= arrived_at:
                return f"{run.run_id} waits"
            if old is not None and float(old["arrived_at"]) > arrived_at:
                return self._supersede(run.model, run.run_id, f"a newer dataset waits: {old['run_id']}")
            if self.ledger.replace_waiting(run, arrived_at, old):
                self.ledger.set_state(run.model, run.run_id, RunState.WAITING, why)
                if old is not None and old["run_id"] != run.run_id:
                    self._supersede(run.model, str(old["run_id"]), f"a newer dataset waits: {run.run_id}")
                return f"{run.run_id} waits"
        raise RuntimeError(
            f"{run.run_id}: the waiting place changed {MAX_TRIES} times in a row; the queue tries again"
        )

    def _supersede(self, model: str, run_id: str, why: str) -> str:
        state = self.ledger.set_state(model, run_id, RunState.SUPERSEDED, why)
        if state is RunState.SUPERSEDED:
            self.ledger.release(model, run_id)  # whoever was about to start it has lost the race
        return f"{run_id}: {state}; {why}"
