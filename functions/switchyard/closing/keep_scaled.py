"""Scalable targets are what pipeline.yaml says, once nothing changes the endpoint: moves of traffic let them go."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from switchyard.config.champion_resources import deployment_of
from switchyard.config.snapshot import Snapshots
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.sweep_finding import Finding
from switchyard.core.names import Names
from switchyard.core.pipeline import Deployment
from switchyard.core.ports import Alarms, Autoscaling, Control
from switchyard.core.resources.scaling import foreign, is_kept


@dataclass(frozen=True)
class KeepScaled:
    """Found by what is there, so whatever broke off is made good by the next sweep."""

    prefix: str
    ledger: Ledger
    control: Control
    snapshots: Snapshots
    autoscaling: Autoscaling
    alarms: Alarms

    def keep(self, model: str) -> None:
        """Everything that `findings` finds."""
        for finding in self.findings(model):
            finding.mend()

    def findings(self, model: str) -> Iterator[Finding]:
        """Variants of the live endpoint that are not scaled as declared, and ours that should not be any more."""
        endpoint = Names(self.prefix, model, "").endpoint
        found, deployment = self.control.describe_endpoint(endpoint), self._deployment(model)
        if found is None or (deployment and not deployment.scaling):
            yield from self._alarm_left(endpoint)
        if found is None or deployment is None:
            return  # of an endpoint whose declaration is gone nobody knows what was meant
        if found["EndpointStatus"] == "InService" and not self.ledger.waits(f"endpoint/{endpoint}"):
            variants = [each["VariantName"] for each in found["ProductionVariants"]]
            yield from self._of_variants(model, endpoint, variants, deployment)

    def _of_variants(
        self, model: str, endpoint: str, variants: Sequence[str], deployment: Deployment
    ) -> Iterator[Finding]:
        """Nothing where somebody else scales one of them: the next rollout says so."""
        scaling = deployment.scaling
        targets = {each.variant: each for each in self.autoscaling.targets(endpoint)}
        if foreign(self.prefix, targets.values(), scaling is not None):
            return
        for variant in variants:
            if scaling is None and variant in targets:
                what = f"{model}: variant {variant} is scaled, and pipeline.yaml says nothing of it any more"
                yield Finding(what, partial(self._release, model, endpoint, variant))
            elif scaling and not is_kept(targets.get(variant), self.prefix, deployment.mode, scaling):
                keep = partial(self.autoscaling.keep, endpoint, variant, deployment.mode, scaling)
                what = f"{model}: variant {variant} is not scaled as pipeline.yaml says"
                yield Finding(what, partial(self._register, model, variant, keep))

    def _deployment(self, model: str) -> Deployment | None:
        """As the run under way declares it, else the champion."""
        champion = self.ledger.champion(model)
        active = self.ledger.active(model)
        rolling = active if active and self.ledger.rollout(active) else ""
        run_id = rolling or (champion.run_id if champion else "")
        return deployment_of(self.ledger, self.snapshots, model, run_id) if run_id else None

    def _register(self, model: str, variant: str, keep: Callable[[], None]) -> str:
        keep()
        return f"{model}: variant {variant} is scaled as pipeline.yaml says"

    def _release(self, model: str, endpoint: str, variant: str) -> str:
        self.autoscaling.release(endpoint, variant)
        return f"{model}: variant {variant} is scaled no more"

    def _alarm_left(self, endpoint: str) -> Iterator[Finding]:
        """The alarm that woke an asynchronous endpoint, which is gone or stays as it is."""
        name = f"{endpoint}-wake"
        if name in self.alarms.names(name):
            yield Finding(f"alarm {name} wakes nothing", partial(self._delete_alarm, name))

    def _delete_alarm(self, name: str) -> str:
        self.alarms.delete(name)
        return f"alarm {name} woke nothing; deleted"
