"""Runs that a lost ledger has forgotten and no decision record tells of: only their snapshots are left."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from switchyard.closing.settle_run import SettleRun
from switchyard.config.snapshot import listing_key
from switchyard.core.errors import MissingError
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

    def findings(self, model: str) -> tuple[Iterator[Finding], Iterator[Finding]]:
        """First those of which something may be live: the newest, and what had begun, closed as ABORTED. Then those
        that were superseded: of a busy model there are thousands, and its endpoint must not wait for them. A run that
        has an execution is stopped and settled. Both are of one listing: what is admitted meanwhile is not forgotten.
        """
        newest_first = sorted(self._stored(model), key=lambda item: item.modified_at, reverse=True)
        told: set[str] = set()
        return self._begun(model, newest_first, told), self._outrun(model, newest_first, told)

    def _begun(self, model: str, newest_first: Iterable[StoredObject], told: set[str]) -> Iterator[Finding]:
        prepared = {item.key.split("/")[2] for item in self.artifacts.list(f"{model}/prepared/")}
        newest = 0.0
        for item in newest_first:
            if item.modified_at < newest and _frozen_for(item) not in prepared:
                continue
            run = self._run_of(model, item)
            if self._is_forgotten(run):
                newest = newest or item.modified_at
                told.add(run.run_id)
                yield self._finding(run, item.modified_at, was_first=True)

    def _outrun(self, model: str, newest_first: Iterable[StoredObject], told: set[str]) -> Iterator[Finding]:
        for item in newest_first:
            run = self._run_of(model, item)
            if run.run_id not in told and self._is_forgotten(run):
                yield self._finding(run, item.modified_at, was_first=False)

    def _finding(self, run: Run, arrived_at: float, *, was_first: bool) -> Finding:
        what = f"{run.run_id}: only its snapshot is left"
        if self.executions.retrain_status(run.run_id) is not None:
            return Finding(what, partial(self._stop, run, arrived_at))
        return Finding(what, partial(self._close, run, arrived_at, was_first))

    def _stored(self, model: str) -> Iterator[StoredObject]:
        """Of every run that ever froze its pipeline, and of datasets whose run did not come so far."""
        stored = self.artifacts.list(f"{model}/snapshots/")
        frozen = {item.key.rsplit("/", 1)[0] for item in stored if item.key.endswith(PIPELINE)}
        for item in stored:
            folder, _, name = item.key.rpartition("/")
            if name.endswith(PIPELINE) or (name == MANIFEST and folder not in frozen):
                yield item

    def _run_of(self, model: str, item: StoredObject) -> Run:
        folder, _, name = item.key.rpartition("/")
        manifest = self._manifest(f"{folder}/")
        digest = str(manifest["digest"])
        run = Run(model, run_id(model, digest), digest, str(manifest["source"]), f"{folder}/")
        return run if name == MANIFEST else replace(run, run_id=_frozen_for(item))

    def _manifest(self, snapshot: str) -> Mapping[str, Any]:
        """Of a dataset that a job has not come to read there is what was listed of it."""
        try:
            found = self.artifacts.read(f"{snapshot}{MANIFEST}")
        except MissingError:
            found = self.artifacts.read(listing_key(snapshot))
        manifest: Mapping[str, Any] = json.loads(found)
        return manifest

    def _is_forgotten(self, run: Run) -> bool:
        """Neither the ledger nor a decision record knows of it."""
        is_known = self.ledger.run_item(run.model, run.run_id) is not None
        return not is_known and self.settle_run.decision_records.outcome(run) is None

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


def _frozen_for(item: StoredObject) -> str:
    """The id of the run that a stored pipeline is of."""
    return item.key.rsplit("/", 1)[-1].removesuffix(PIPELINE)
