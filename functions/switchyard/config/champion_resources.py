"""The champion's model and config in SageMaker: what somebody deleted is made again from artifact and records."""

import json
from dataclasses import dataclass

from switchyard.config.snapshot import Snapshots
from switchyard.core.champion import Champion
from switchyard.core.errors import MismatchError, MissingError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.pipeline import Deployment
from switchyard.core.ports import Control, Storage, Variant

ALONE = 100.0


def deployment_of(ledger: Ledger, snapshots: Snapshots, model: str, run_id: str) -> Deployment | None:
    """How a run's model is deployed; None of a run whose record or snapshot is gone."""
    try:
        return snapshots.pipeline(ledger.run(model, run_id)).deployment
    except MissingError:
        return None


@dataclass(frozen=True)
class ChampionResources:
    """Nothing is made of an artifact whose digest is not the one that was judged."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    snapshots: Snapshots

    def missing(self, champion: Champion) -> list[str]:
        """What is gone: words for people."""
        gone = []
        if not self.control.has_model(champion.sagemaker_model):
            gone.append(f"model {champion.sagemaker_model}")
        if champion.has_endpoint and not self.control.has_config(champion.config):
            gone.append(f"endpoint config {champion.config}")
        return gone

    def ensure_model(self, model: str, champion: Champion) -> None:
        if self.control.has_model(champion.sagemaker_model):
            return
        pipeline = self.snapshots.pipeline(self.ledger.run(model, champion.run_id))
        self.control.ensure_model(champion.sagemaker_model, pipeline, self._artifact(model, champion))

    def ensure(self, model: str, champion: Champion) -> str:
        """Makes again what is gone; answers what was done, "" where nothing was."""
        gone = self.missing(champion)
        if not gone:
            return ""
        self.ensure_model(model, champion)
        if champion.has_endpoint:
            pipeline = self.snapshots.pipeline(self.ledger.run(model, champion.run_id))
            alone = [Variant(champion.variant, champion.sagemaker_model, ALONE)]
            self.control.ensure_config(champion.config, pipeline, alone, self.artifacts.uri(model))
        return f"{model}: {' and '.join(gone)} had been deleted; made again from the artifact of {champion.run_id}"

    def _artifact(self, model: str, champion: Champion) -> str:
        key = self.artifact_key(model, champion)
        found = self.artifacts.sha256(key)
        if champion.artifact_sha256 not in ("", found):
            raise MismatchError(
                f"{self.artifacts.uri(key)} is not what {champion.run_id} was judged by: sha256 {found[:12]} instead "
                f"of {champion.artifact_sha256[:12]}; bring that version back, or roll back to a former champion"
            )
        return self.artifacts.uri(key)

    def artifact_key(self, model: str, champion: Champion) -> str:
        """As the evaluation noted it; before it did, where a training job puts it."""
        try:
            noted = json.loads(self.artifacts.read(f"{model}/evaluations/{champion.run_id}/evaluation.json"))
        except MissingError:
            noted = {}
        if noted.get("artifact"):
            return self.artifacts.key_of(noted["artifact"])
        job = Names(self.prefix, model, champion.run_id).training_job
        return f"{model}/models/{job}/output/model.tar.gz"
