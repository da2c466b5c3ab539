"""What events lost: runs that ended unseen, endpoints that stayed between two models, ledgers that forgot.

The sweep walks endpoints and records, not locks, and does nothing that SettleRun would not do.
"""

import json
import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from switchyard.batch.sweep_batches import SweepBatches
from switchyard.closing.cleanup import Cleanup
from switchyard.closing.dead_letters import DrainDeadLetters
from switchyard.closing.expire_logs import ExpireLogs
from switchyard.closing.forgotten_runs import Forgotten
from switchyard.closing.keep_scaled import KeepScaled
from switchyard.closing.lost_events import LostEvents
from switchyard.closing.retire_model import RetireModel
from switchyard.closing.settle_run import RESTORE_ATTEMPTS, RESTORE_SUFFIX, SettleRun
from switchyard.closing.sweep_order import Turns
from switchyard.config.champion_resources import ChampionResources
from switchyard.config.pipeline_file import pipeline_key, possible_models
from switchyard.core.champion import Champion
from switchyard.core.errors import BusyError
from switchyard.core.execution_end import UNFINISHED
from switchyard.core.ledger.each_model import go_round
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.rebuild import Rebuild
from switchyard.core.ledger.sweep_finding import Finding
from switchyard.core.names import ALPHA, Names, run_of
from switchyard.core.ports import Control, Execution, Executions, Storage
from switchyard.core.resources.notice import notice
from switchyard.core.run import Run, RunState
from switchyard.intake.run_queue import RunQueue
from switchyard.rollout.rules.restore_step import Done, next_step

NOT_SWEPT = "not swept, {error}; tried again next time"


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
    rebuild: Rebuild
    champion_resources: ChampionResources
    forgotten: Forgotten
    dead_letters: DrainDeadLetters
    expire_logs: ExpireLogs
    lost_events: LostEvents
    keep_scaled: KeepScaled
    turns: Turns

    def sweep(self, ledger_lost: bool = False, dry_run: bool = False, until: float = math.inf) -> list[str]:
        """Goes through every model that has a pipeline.yaml, or a champion; answers what was done, a line each.

        ledger_lost: the table is known to be new, so a snapshot without a record is a run that was under way.
        dry_run: nothing is changed; the lines say what is amiss.
        until: seconds since the epoch; what has had no turn by then is the next sweep's, and `is_unfinished`.
        """
        models = possible_models(self.artifacts)
        if dry_run:
            look = partial(self._look_at, ledger_lost=ledger_lost)
            said = go_round(models, look, NOT_SWEPT, self.turns.at_once).said
        else:
            said = self._round(models, ledger_lost, until) + list(self.dead_letters.drain())
        said += self.settle_run.capacity.sweep(dry_run)
        return said + [each.what if dry_run else each.mend() for each in self.expire_logs.findings()]

    def is_unfinished(self) -> bool:
        """Whether models are left that the last sweep had no time for."""
        return self.ledger.next_turn() != ""

    def _round(self, models: list[str], ledger_lost: bool, until: float) -> list[str]:
        if ledger_lost:
            self.ledger.mark_lost()  # until every model has been gone through
        lost_at = self.ledger.lost_at()
        look = partial(self._sweep_model, lost_at=lost_at)
        said = [
            line
            for turn in self.turns.of(models, until)
            for line in go_round(turn, look, NOT_SWEPT, self.turns.at_once).said
        ]
        if lost_at and all(self.ledger.is_found(model, lost_at) for model in models):
            self.ledger.end_loss()
        return said

    def _look_at(self, model: str, ledger_lost: bool) -> Iterator[str]:
        if not self._is_model(model):
            return
        yield from (finding.what for finding in self.rebuild.missing(model))
        lost_at = self.ledger.lost_at()
        is_lost = ledger_lost or (lost_at != "" and not self.ledger.is_found(model, lost_at))
        yield from (finding.what for finding in self._findings(model, is_lost))

    def _sweep_model(self, model: str, lost_at: str) -> Iterator[str]:
        """lost_at: when the table was lost, where it was."""
        is_lost = lost_at != "" and not self.ledger.is_found(model, lost_at)
        if self._is_model(model):
            yield from self._mended(model, is_lost)
        if is_lost:
            self.ledger.mark_found(model)

    def _mended(self, model: str, ledger_lost: bool) -> Iterator[str]:
        yield from self.rebuild.complete(model)
        yield from (finding.mend() for finding in self._findings(model, ledger_lost))
        if self.ledger.active(model) is None:
            self.settle_run.keep_live(model)
        self.run_queue.start_next(model)

    def _findings(self, model: str, ledger_lost: bool) -> Iterator[Finding]:
        """In an order in which each finds what the mending of those before it left, and the endpoint does not wait."""
        yield from self.retire_model.vanished(model)
        begun, outrun = self.forgotten.findings(model) if ledger_lost else (iter(()), iter(()))
        yield from begun
        yield from self._free_place(model)
        yield from self._settle_stuck(model)
        yield from self.lost_events.findings(model)
        yield from self._catch_up(model)
        yield from self.retire_model.findings(model)
        yield from self._champion_gone(model)
        yield from self._restore_left(model)
        yield from outrun
        yield from self.keep_scaled.findings(model)
        yield from self._delete_alphas(model)
        yield from self.batches.findings(model)
        yield from self.cleanup.findings(model)

    def _delete_alphas(self, model: str) -> Iterator[Finding]:
        """Alpha endpoints whose run has ended: they cost money and nobody knows them."""
        for name in self.control.list_endpoints(f"{self.prefix}-{model}-"):
            state = self.ledger.state(model, run_of(self.prefix, name))
            if name.endswith(ALPHA) and state is not None and state.is_terminal:
                yield Finding(f"{name}: its run has ended", partial(self._delete_alpha, name))

    def _delete_alpha(self, name: str) -> str:
        with suppress(BusyError):
            self.control.delete_endpoint(name, config=name)
            return f"{name}: its run has ended; deleted"
        return ""

    def _is_model(self, folder: str) -> bool:
        return self.artifacts.exists(pipeline_key(folder)) or self.ledger.champion(folder) is not None

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
        self.settle_run.forget_waits(model, active)
        self.ledger.carry_over(model, active)
        self.ledger.release(model, active)
        return f"{model}: {active} has ended and held the place; it is free"

    def _settle_stuck(self, model: str) -> Iterator[Finding]:
        for item in self.ledger.opened(model, "RUN#"):
            waiting = self.ledger.waiting(model)
            if RunState(str(item["state"])).is_terminal or (waiting and waiting["run_id"] == item["run_id"]):
                continue
            run = Run.from_dict(json.loads(str(item["run"])))
            yield from self._unsettled(run, float(item["arrived_at"]))

    def _catch_up(self, model: str) -> Iterator[Finding]:
        """Runs whose end may not have come to all of their uploads yet."""
        for item in self.ledger.opened(model, "RUN#"):
            if RunState(str(item["state"])).is_terminal:
                each = str(item["run_id"])
                yield Finding(
                    f"{each}: its uploads say something else", partial(self._carry_over, model, each)
                )

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
        answer = self.run_queue.start_or_wait(run, arrived_at)
        return f"{run.run_id}: {answer}; its execution had never started"

    def _settle(self, run: Run, execution: Execution) -> str:
        state = self.settle_run.ended(run, execution)
        if state is None:
            return self._restore_again(run)
        return f"{run.run_id}: ended unseen, settled as {state}"

    def _restore_again(self, run: Run) -> str:
        """Once more each time the sweep comes, when the attempts that events make are used up."""
        last = self.executions.restore_status(f"{run.run_id}{RESTORE_SUFFIX}-{RESTORE_ATTEMPTS}")
        if last is not None and last.status != "RUNNING":
            self._start_restore(run, f"{run.run_id}{RESTORE_SUFFIX}-at-{self._moment()}")
        return f"{run.run_id}: it has ended, its endpoint is being restored"

    def _champion_gone(self, model: str) -> Iterator[Finding]:
        """What its endpoint, the way back and the next run need, and somebody deleted."""
        champion = self.ledger.champion(model)
        gone = self.champion_resources.missing(champion) if champion else []
        if champion is not None and gone:
            what = f"{model}: {' and '.join(gone)} of champion {champion.run_id} is gone"
            yield Finding(what, partial(self._make_again, model, champion))

    def _make_again(self, model: str, champion: Champion) -> str:
        said = self.champion_resources.ensure(model, champion)
        self.settle_run.decision_records.notices.tell(f"{model}: its champion was made again", notice(said))
        return said

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
        self._start_restore(run, f"{champion.run_id}-sweep-{self._moment()}")
        return f"{model}: its endpoint was not the champion's alone; restoring {champion.run_id}"

    def _start_restore(self, run: Run, name: str) -> None:
        """One at a time: a change of an endpoint may take longer than it takes the sweep to come again."""
        last = self.ledger.last_restore(run.model)
        before = self.executions.restore_status(last) if last else None
        if before is None or before.status != "RUNNING":
            self.ledger.note_restore(run.model, name)
            self.executions.start_restore(name, {"run": run.to_dict()})

    def _moment(self) -> int:
        return int(self.settle_run.clock())
