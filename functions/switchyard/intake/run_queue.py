"""One run at a time a model; while it runs, only the newest dataset waits."""

import json
from dataclasses import dataclass

from switchyard.config.snapshot import Snapshots
from switchyard.core.decision_record import DecisionRecords
from switchyard.core.ledger.active_run import Turn
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Executions, Item
from switchyard.core.run import Outcome, Run, RunState
from switchyard.intake.rules.route import route_of
from switchyard.spending.rules.cost import NOTHING
from switchyard.spending.run_budget import RunBudget

MAX_TRIES = 8
UNDER_WAY, OUTRUN = "another run of this model is under way", "a newer dataset has run"


@dataclass(frozen=True)
class RunQueue:
    """Ten thousand uploads are at most two runs: the one that runs and the newest that waits."""

    ledger: Ledger
    executions: Executions
    snapshots: Snapshots
    run_budget: RunBudget
    decision_records: DecisionRecords

    def begin(self, run: Run, upload: str, arrived_at: float, turn: Turn) -> str:
        """As start_or_wait, for a run that is not on record yet, with the drop that it is of; "" where somebody else
        has put it there meanwhile. Where the model's place is held, it is on record as one that waits from the first.
        """
        waits = UNDER_WAY if turn.active else ""
        if waits and self._begin_in_place(run, upload, arrived_at, turn):
            return f"{run.run_id} waits"
        if not self.ledger.create_run(run, arrived_at, upload=upload, waits=waits):
            return ""
        if not waits:
            return self.start_or_wait(run, arrived_at)
        answer = self._take_place(run, arrived_at, turn)
        self.start_next(run.model)  # the active run may have ended between our two looks
        return answer

    def _begin_in_place(self, run: Run, upload: str, arrived_at: float, turn: Turn) -> bool:
        """On record and in the waiting place by one write, as almost every drop of a flood; False where either changed
        meanwhile, or where something newer waits.
        """
        old = turn.waiting
        if _is_older(run, arrived_at, turn) or (old is not None and float(old["arrived_at"]) > arrived_at):
            return False
        place = self.ledger.replacing(run, arrived_at, old)
        if not self.ledger.create_run(run, arrived_at, upload=upload, waits=UNDER_WAY, beside=[place]):
            return False
        self._supersede_waiting(run, turn)
        self.start_next(run.model)  # the active run may have ended between our two looks
        return True

    def start_or_wait(self, run: Run, arrived_at: float) -> str:
        """Starts the run now if the model is free, else puts it in the waiting place."""
        turn = self.ledger.turn(run.model, run.run_id)
        if _is_outrun(run, arrived_at, turn):
            return self._supersede(run.model, run.run_id, OUTRUN, turn)
        if why := self._busy(run, turn):
            answer = self._wait(run, arrived_at, why, turn)
        else:
            state = self._start(run, arrived_at)
            self._drop_older(run, arrived_at)
            answer = f"started {run.run_id}" if state is RunState.RUNNING else f"{run.run_id}: {state}"
        self.start_next(run.model)  # the active run may have ended between our two looks
        return answer

    def _busy(self, run: Run, turn: Turn) -> str:
        """Why the run must wait; "" when the model's place is its own now. In a flood of drops this is asked once a
        drop, and the first answer is the usual one.
        """
        if turn.active not in (None, run.run_id):
            return UNDER_WAY
        if used_up := self.run_budget.used_up(run):
            return used_up
        return "" if self.ledger.acquire(run.model, run.run_id) else UNDER_WAY

    def start_next(self, model: str) -> None:
        """Starts what waits, if the model is free and may start one more run today."""
        for _ in range(MAX_TRIES):
            turn = self.ledger.turn(model)
            waiting = turn.waiting
            if waiting is None:
                return
            run = Run.from_dict(json.loads(str(waiting["run"])))
            if _is_older(run, float(waiting["arrived_at"]), turn):
                self._leave_place(model, waiting, OUTRUN, turn)
                continue
            if turn.active not in (None, run.run_id):
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
        turn = self.ledger.turn(run.model, run.run_id)
        waiting = turn.waiting
        if waiting is None or float(waiting["arrived_at"]) >= arrived_at:
            return
        if turn.run is not None and turn.run["state"] == RunState.RUNNING:
            self._leave_place(run.model, waiting, f"a newer dataset runs: {run.run_id}", turn)

    def _leave_place(self, model: str, waiting: Item, why: str, turn: Turn) -> None:
        if self.ledger.clear_waiting(model, str(waiting["run_id"])):
            self._supersede(model, str(waiting["run_id"]), why, turn)

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

    def _wait(self, run: Run, arrived_at: float, why: str, turn: Turn) -> str:
        if not _holds(turn.waiting, run, arrived_at):
            self.ledger.set_state(run.model, run.run_id, RunState.WAITING, why)
        return self._take_place(run, arrived_at, turn)

    def _take_place(self, run: Run, arrived_at: float, turn: Turn) -> str:
        """Puts a run that waits in the one waiting place, or ends it or the one there: the newer one stays."""
        for _ in range(MAX_TRIES):
            old = turn.waiting
            if _holds(old, run, arrived_at):
                return f"{run.run_id} waits"
            if _is_older(run, arrived_at, turn):
                return self._supersede(run.model, run.run_id, OUTRUN, turn)
            if old is not None and float(old["arrived_at"]) > arrived_at:
                why = f"a newer dataset waits: {old['run_id']}"
                return self._supersede(run.model, run.run_id, why, turn)
            if self.ledger.replace_waiting(run, arrived_at, old):
                self._supersede_waiting(run, turn)
                return f"{run.run_id} waits"
            turn = self.ledger.turn(run.model)
        raise RuntimeError(
            f"{run.run_id}: the waiting place changed {MAX_TRIES} times in a row; the queue tries again"
        )

    def _supersede_waiting(self, run: Run, turn: Turn) -> None:
        """Ends the run that stood in the waiting place before this one."""
        old = turn.waiting
        if old is not None and old["run_id"] != run.run_id:
            why = f"a newer dataset waits: {run.run_id}"
            self._supersede(run.model, str(old["run_id"]), why, turn, known=RunState.WAITING)

    def _supersede(self, model: str, run_id: str, why: str, turn: Turn, known: RunState | None = None) -> str:
        state = self.ledger.set_state(model, run_id, RunState.SUPERSEDED, why, known=known)
        if state is RunState.SUPERSEDED and turn.active == run_id:
            self.ledger.release(model, run_id)  # whoever was about to start it has lost the race
        return f"{run_id}: {state}; {why}"


def _is_outrun(run: Run, arrived_at: float, turn: Turn) -> bool:
    """It never began, and a dataset that arrived later did: only the newest is worth a run."""
    never_began = turn.run is not None and RunState(str(turn.run["state"])).may_become(RunState.SUPERSEDED)
    return never_began and _is_older(run, arrived_at, turn)


def _is_older(run: Run, arrived_at: float, turn: Turn) -> bool:
    """What was asked for, and not dropped, is of the newest data whenever it runs."""
    return run.is_dropped and turn.begun > arrived_at


def _holds(place: Item | None, run: Run, arrived_at: float) -> bool:
    """Whether it is this run that waits there, with nothing newer of it to be told."""
    is_its = place is not None and place["run_id"] == run.run_id
    return is_its and place is not None and float(place["arrived_at"]) >= arrived_at
