"""Runs that a lost ledger has forgotten and no decision record tells of: only their snapshots are left."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from switchyard.closing.settle_run import SettleRun
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.sweep_finding import Finding
from switchyard.core.names import run_id
from switchyard.core.ports import Executions, Storage, StoredObject
from switchyard.core.run import Outcome, Run, RunState

LOST = "the ledger was lost while this run was under way; drop the dataset again to run it anew"
OUTRUN = "a newer dataset had arrived before the ledger was lost"
PIPELINE, MANIFEST = ".pipeline.json", "manifest.json"


@dataclass(frozen=True)
class Forgotten:
    """Asked only while the table is known to be lost: at any other time such a run is just being admitted."""

    ledger: Ledger
    artifacts: Storage
    executions: Executions
    settle_run: SettleRun

    def findings(self, model: str) -> Iterator[Finding]:
        """A run that has an execution is stopped and settled; of the others the newest, and those that had begun, are
        closed as ABORTED.
        """
        left = [each for each in self._runs(model) if self._is_forgotten(each[0])]
        newest = max((at for _, at in left), default=0.0)
        for run, arrived_at in left:
            what = f"{run.run_id}: only its snapshot is left"
            if self.executions.retrain_status(run.run_id) is not None:
                yield Finding(what, partial(self._stop, run, arrived_at))
            else:
                was_first = arrived_at == newest or self._has_begun(run)
                yield Finding(what, partial(self._close, run, arrived_at, was_first))

    def _runs(self, model: str) -> Iterator[tuple[Run, float]]:
        """Every run that ever froze its pipeline, and datasets whose run did not come so far."""
        stored = self.artifacts.list(f"{model}/snapshots/")
        frozen = {item.key.rsplit("/", 1)[0] for item in stored if item.key.endswith(PIPELINE)}
        for item in stored:
            folder, _, name = item.key.rpartition("/")
            if name.endswith(PIPELINE) or (name == MANIFEST and folder not in frozen):
                yield self._run_of(model, item), item.modified_at

    def _run_of(self, model: str, item: StoredObject) -> Run:
        folder, _, name = item.key.rpartition("/")
        manifest = json.loads(self.artifacts.read(f"{folder}/{MANIFEST}"))
        digest = str(manifest["digest"])
        run = Run(model, run_id(model, digest), digest, str(manifest["source"]), f"{folder}/")
        return run if name == MANIFEST else replace(run, run_id=name.removesuffix(PIPELINE))

    def _is_forgotten(self, run: Run) -> bool:
        """Neither the ledger nor a decision record knows of it."""
        is_known = self.ledger.run_item(run.model, run.run_id) is not None
        return not is_known and self.settle_run.decision_records.outcome(run) is None

    def _has_begun(self, run: Run) -> bool:
        return bool(self.artifacts.list(f"{run.model}/prepared/{run.run_id}/"))

    def _remember(self, run: Run, arrived_at: float) -> bool:
        is_new = self.ledger.create_run(run, arrived_at)
        upload = f"{run.source}#{run.digest[:12]}"
        self.ledger.record_upload(
            run.model, upload, run.source, RunState.ADMITTED, "", run.run_id, absent=True
        )
        return is_new

    def _stop(self, run: Run, arrived_at: float) -> str:
        """Its execution is there, and waits for tokens that were lost: whoever settles runs does the rest."""
        self._remember(run, arrived_at)
        self.ledger.acquire(run.model, run.run_id)
        self.ledger.set_state(run.model, run.run_id, RunState.RUNNING)
        self.ledger.save_rollout(run.run_id, {"model": run.model})  # the endpoint may be between two models
        self.executions.stop_retrain(run.run_id, LOST)
        return f"{run.run_id}: stopped, {LOST}"

    def _close(self, run: Run, arrived_at: float, was_first: bool) -> str:
        """Left alone where its admission was faster."""
        if not self._remember(run, arrived_at):
            return ""
        if was_first:
            self.settle_run.close(run, Outcome(RunState.ABORTED, LOST))
            return f"{run.run_id}: ABORTED, {LOST}"
        self.ledger.set_state(run.model, run.run_id, RunState.SUPERSEDED, OUTRUN)
        return f"{run.run_id}: SUPERSEDED, {OUTRUN}"
