"""A drop through the champion's model, and through the model of the challenger that is compared on it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from switchyard.config.snapshot import Snapshots
from switchyard.core.batch_drop import Batch, BatchFile, outcome_of_files
from switchyard.core.errors import JobFailedError
from switchyard.core.evidence import Block
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.ports import Control, Storage
from switchyard.core.resources.pools import transform_claim
from switchyard.core.waiting import Waiting

UNSCORED = "errors"  # the live metric: 1 for a row that a model gave no prediction for


@dataclass(frozen=True)
class TransformDrop:
    """What the transform machine does."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    snapshots: Snapshots
    waiting: Waiting

    def transform(self, batch: Batch, token: str) -> None:
        """A transform job by the drop's name; its state change answers the token."""
        source, job = f"{batch.folder}input/", batch.job(self.prefix)
        model = batch.sagemaker_model
        self._start(batch, batch.champion, "TransformDrop", job, model, source, batch.folder, token)

    def transform_apart(self, batch: Batch, token: str) -> None:
        """The same rows through the challenger; its predictions are kept apart."""
        own, job = f"{batch.apart}input/", batch.challenger_job(self.prefix)
        source = own if self.artifacts.list(own) else f"{batch.folder}input/"
        model = Names(self.prefix, batch.model, batch.challenger).sagemaker_model
        self._start(batch, batch.challenger, "TransformForChallenger", job, model, source, batch.apart, token)

    def _start(
        self,
        batch: Batch,
        run_id: str,
        state: str,
        job: str,
        model: str,
        source: str,
        folder: str,
        token: str,
    ) -> None:
        names = Names(self.prefix, batch.model, run_id)
        pipeline = self.snapshots.pipeline(self.ledger.run(batch.model, run_id))
        source, output = self.artifacts.uri(source), self.artifacts.uri(f"{folder}predictions/")
        self.waiting.for_job(
            "transform-job",
            job,
            state,
            token,
            lambda: self.control.ensure_transform(names, pipeline, job, model, source, output),
            transform_claim(batch.model, batch.record, pipeline.deployment),
        )

    def collect(self, batch: Batch, trouble: str = "") -> dict[str, str]:
        """The manifest beside the predictions; `trouble` is why the job failed, for files without predictions."""
        said = json.loads(self.artifacts.read(f"{batch.folder}drop.json"))
        files = [self._found(batch, BatchFile.from_dict(each), trouble) for each in said]
        outcome = outcome_of_files(files)
        manifest = {**batch.to_dict(), "state": outcome.state, "reason": outcome.reason}
        self._write_manifest(batch, manifest, files)
        return {"state": outcome.state.value, "reason": outcome.reason}

    def _write_manifest(self, batch: Batch, manifest: Mapping[str, Any], files: list[BatchFile]) -> None:
        body = json.dumps({**manifest, "files": [asdict(file) for file in files]}, indent=1).encode()
        self.artifacts.write(f"{batch.folder}manifest.json", body)

    def _found(self, batch: Batch, file: BatchFile, trouble: str) -> BatchFile:
        key = f"{batch.folder}predictions/{file.name}.out"
        if file.refused:
            return file
        if self.artifacts.exists(key):
            return replace(file, prediction=self.artifacts.uri(key))
        why = trouble or "the transform job left no predictions"
        return replace(file, refused=f"{file.name}: the model could not score it: {why}")

    def compare(self, batch: Batch, trouble: Mapping[str, str]) -> dict[str, int]:
        """The drop joins the evidence of the challenger's rollout: its labels are asked for once they are due.

        Rows that the champion scored and the challenger's job broke on count against the challenger at once. trouble:
        {Error, Cause} of the job, or {}; where it never ran, nothing is known of the model and nothing is compared.
        """
        manifest = json.loads(self.artifacts.read(f"{batch.folder}manifest.json"))
        files = [self._judged(batch, BatchFile.from_dict(each), trouble) for each in manifest.pop("files")]
        compared = [file for file in files if file.prediction and not file.uncompared]
        counts = {
            "rows": sum(file.rows for file in compared),
            "lost": sum(file.rows for file in compared if not self._scored_apart(batch, file)),
        }
        if counts["rows"]:
            at = self.ledger.note_drop(batch, counts["rows"])
            rows, lost = counts["rows"], counts["lost"]
            block = Block(UNSCORED, drop_block(at, batch), 0, rows, 0.0, rows, float(lost), both=0.0)
            self.ledger.save_blocks(batch.challenger, [block])
        self._write_manifest(batch, {**manifest, "comparison": counts}, files)
        return counts

    def _judged(self, batch: Batch, file: BatchFile, trouble: Mapping[str, str]) -> BatchFile:
        ran = not trouble or trouble.get("Error") == JobFailedError.__name__
        if file.uncompared or not file.prediction or ran or self._scored_apart(batch, file):
            return file
        return replace(file, uncompared=f"the challenger's job never ran: {trouble.get('Cause', '')[:300]}")

    def _scored_apart(self, batch: Batch, file: BatchFile) -> bool:
        return self.artifacts.exists(f"{batch.apart}predictions/{file.name}.out")


def drop_block(at: float, batch: Batch) -> str:
    """The id of the blocks that a drop adds to the evidence; at: when both models had scored it."""
    return f"{at:.0f}/{batch.batch_id}"
