"""Both models on an alpha endpoint, for the offline gate."""

from dataclasses import dataclass

from switchyard.config.champion_resources import ChampionResources
from switchyard.config.snapshot import Snapshots
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.ports import Control, Storage, Variant
from switchyard.core.resources.observation import Expected
from switchyard.core.resources.pools import endpoint_claim
from switchyard.core.run import Run
from switchyard.core.waiting import Waiting
from switchyard.evaluation.judged_models import facts


@dataclass(frozen=True)
class AlphaEndpoint:
    """The endpoint nobody else knows."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    snapshots: Snapshots
    waiting: Waiting
    champion_resources: ChampionResources

    def start(self, run: Run, artifact: str, token: str) -> None:
        """Challenger and, if there is one, champion as two variants. The artifact's digest is fixed here."""
        names = Names(self.prefix, run.model, run.run_id)
        pipeline, champion = self.snapshots.pipeline(run), self.ledger.champion(run.model)
        variants = [Variant(names.variant, names.sagemaker_model, 1.0)]
        if champion is not None:
            variants.append(Variant(champion.run_id, champion.sagemaker_model, 1.0))
        result = {"via": "alpha", "endpoint": names.alpha} | facts(self.artifacts, champion, artifact)

        def create() -> None:
            self.ledger.note_alpha(run, len(variants))
            self.control.ensure_model(names.sagemaker_model, pipeline, artifact)
            if champion is not None:
                self.champion_resources.ensure_model(run.model, champion)
            self.control.ensure_config(
                names.alpha, pipeline.on_alpha, variants, self.artifacts.uri(run.model)
            )
            self.control.ensure_endpoint(names.alpha, names.alpha)

        claim = endpoint_claim(run.model, run.record, pipeline.on_alpha.deployment, len(variants))
        self.waiting.for_endpoint(
            names.alpha, "StartAlpha", token, Expected(config=names.alpha), result, create, claim
        )

    def delete(self, run: Run) -> None:
        name = Names(self.prefix, run.model, run.run_id).alpha
        self.control.delete_endpoint(name, config=name)
        self.ledger.note_alpha_end(run)
