"""Autoscaling and moves of traffic: nobody else's is touched, and what forbids the move is let go first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from switchyard.core.errors import MismatchError
from switchyard.core.pipeline import Deployment
from switchyard.core.ports import Autoscaling, Control
from switchyard.core.resources.scaling import foreign, instance_counts, sized


@dataclass(frozen=True)
class ScaledEndpoint:
    """The scalable targets of one model's endpoint, before it changes; `closing.keep_scaled` registers them again."""

    prefix: str
    control: Control
    autoscaling: Autoscaling

    def counts(self, endpoint: str) -> dict[str, int]:
        """Instances by variant, as they are desired now."""
        return instance_counts(self.control.describe_endpoint(endpoint))

    def size(self, endpoint: str, deployment: Deployment, share: float) -> int | None:
        """Instances for `share` percent of what serves now; None where the count is the deployment's."""
        counts = self.counts(endpoint)
        return sized(deployment.scaling, counts, share) if deployment.scaling and counts else None

    def sizes(self, endpoint: str, deployment: Deployment, weights: Mapping[str, float]) -> dict[str, int]:
        """Counts that grow with a variant's share; none shrinks, that is the policies' to do."""
        counts = self.counts(endpoint)
        if deployment.scaling is None:
            return {}
        wanted = {name: sized(deployment.scaling, counts, share) for name, share in weights.items() if share}
        return {name: max(count, counts.get(name, 0)) for name, count in wanted.items()}

    def taking_all(self, endpoint: str, weights: Mapping[str, float]) -> dict[str, int]:
        """Who alone has weight gets the instances of all, or it would be overrun; without a target it keeps its own."""
        counts = self.counts(endpoint)
        limits = {each.variant: each.maximum for each in self.autoscaling.targets(endpoint)}
        alone = [name for name, weight in weights.items() if weight and name in counts and name in limits]
        return {name: min(sum(counts.values()), limits[name]) for name in alone}

    def check(self, endpoint: str, is_declared: bool) -> None:
        """MismatchError when somebody else scales a variant."""
        others = foreign(self.prefix, self.autoscaling.targets(endpoint), is_declared)
        if others:
            raise MismatchError(
                f"endpoint {endpoint}: variant {', '.join(others)} is scaled by policies that are not this stack's, "
                f"and SageMaker refuses to remove such a variant; deregister it (aws application-autoscaling "
                f"deregister-scalable-target), declare deployment.scaling in pipeline.yaml instead, then drop the "
                f"dataset again"
            )

    def release(self, endpoint: str, keeping: Collection[str] = ()) -> None:
        """Deregisters what forbids an update: variants that go, or that change their instance type."""
        for target in self.autoscaling.targets(endpoint):
            if target.variant not in keeping:
                self.autoscaling.release(endpoint, target.variant)
