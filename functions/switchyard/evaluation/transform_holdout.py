"""The holdout through a batch transform job a model: no endpoint is made, and the rows may be many."""

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from switchyard.config.snapshot import Snapshots
from switchyard.core.champion import Champion
from switchyard.core.data.contract import Contract, Feature
from switchyard.core.data.normalized_text import column_name
from switchyard.core.gate_policy import CROSS_VALIDATION
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.ports import Control, Storage
from switchyard.core.resources.pools import transform_claim
from switchyard.core.run import Run
from switchyard.core.waiting import Waiting
from switchyard.evaluation.chunks import all_chunks, chunk_file, output_prefix, read_rows
from switchyard.evaluation.judged_models import facts
from switchyard.evaluation.out_of_fold import OutOfFold


@dataclass(frozen=True)
class TransformHoldout:
    """PrepareTransform writes what the jobs read, StartTransform starts one and leaves its token."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    snapshots: Snapshots
    waiting: Waiting
    out_of_fold: OutOfFold

    def prepare(self, run: Run, prepared: dict[str, Any], artifact: str) -> dict[str, Any]:
        """The challenger's model and both models' inputs; answers what an alpha endpoint would, and the jobs.

        By cross-validation the training job has scored already, and there are no jobs.
        """
        names, champion = Names(self.prefix, run.model, run.run_id), self.ledger.champion(run.model)
        self.control.ensure_model(names.sagemaker_model, self.snapshots.pipeline(run), artifact)
        judged = facts(self.artifacts, champion, artifact)
        folded = self.snapshots.folded(str(prepared["schema"]))
        if folded is not None:
            self.out_of_fold.collect(run, folded, champion, artifact)
            return {"via": CROSS_VALIDATION, "endpoint": "", "jobs": []} | judged
        jobs = self._jobs(run, names, prepared, champion)
        return {"via": "transform", "endpoint": "", "jobs": jobs} | judged

    def _jobs(
        self, run: Run, names: Names, prepared: dict[str, Any], champion: Champion | None
    ) -> list[dict[str, str]]:
        """One a model. Models with the same columns in the same order read the same files."""
        models = [(run.run_id, names.sagemaker_model, names.transform_job, str(prepared["schema"]))]
        if champion is not None:
            job = names.champion_transform_job
            models.append((champion.run_id, champion.sagemaker_model, job, champion.schema))
        classes = self.snapshots.contract(str(prepared["schema"])).classes
        contracts = {
            schema: replace(self.snapshots.contract(schema), classes=classes) for *_, schema in models
        }
        inputs: dict[tuple[Feature, ...], str] = {}
        for variant, _, _, schema in models:
            features = contracts[schema].features
            if features not in inputs:
                inputs[features] = f"{output_prefix(run, variant)}input/"
                self._write_input(prepared, contracts[schema], inputs[features])
        return [
            {
                "job": job,
                "model": model,
                "input": inputs[contracts[schema].features],
                "output": output_prefix(run, variant),
            }
            for variant, model, job, schema in models
        ]

    def _write_input(self, prepared: dict[str, Any], contract: Contract, prefix: str) -> None:
        rows = self.snapshots.rows(self.snapshots.holdout(str(prepared["schema"])))
        header = list(map(column_name, next(rows)))
        for chunk in all_chunks(self.artifacts, prepared["chunks"]):
            _, lines = read_rows(contract, header, islice(rows, chunk["last"] - chunk["first"]))
            self.artifacts.write(f"{prefix}{chunk_file(chunk)}", ("\n".join(lines) + "\n").encode())

    def start(self, run: Run, job: dict[str, str], token: str) -> None:
        """One job; its state change answers the token."""
        names, pipeline = Names(self.prefix, run.model, run.run_id), self.snapshots.pipeline(run)
        source, output = self.artifacts.uri(job["input"]), self.artifacts.uri(job["output"])
        self.waiting.for_job(
            "transform-job",
            job["job"],
            "StartTransform",
            token,
            lambda: self.control.ensure_transform(names, pipeline, job["job"], job["model"], source, output),
            transform_claim(run.model, run.record, pipeline.deployment),
        )
