"""Is the live endpoint what the rollout made of it? What people delete or change by hand is seen here."""

from collections.abc import Mapping
from typing import Any

from switchyard.core.resources.observation import WEIGHT_TOLERANCE, variant_weights


def amiss(description: Mapping[str, Any] | None, name: str, config: str, weights: Mapping[str, float]) -> str:
    """What is wrong, in words that a person reads; "" when nothing is, or while SageMaker is still changing it.

    description: of DescribeEndpoint; config, weights by variant: what serves at this step.
    """
    status = description["EndpointStatus"] if description else "Deleting"
    if description is None or status == "Deleting":
        return f"endpoint {name} was deleted while the rollout was under way"
    if status == "Failed":
        why = description.get("FailureReason") or "SageMaker gives no reason"
        return f"endpoint {name} failed while the rollout was under way: {why}"
    if status != "InService":
        return ""
    found = description["EndpointConfigName"]
    if found != config:
        return f"endpoint {name} was changed by hand to config {found} while the rollout was under way"
    return _moved(variant_weights(description), name, weights)


def _moved(found: Mapping[str, float], name: str, weights: Mapping[str, float]) -> str:
    for variant, weight in weights.items():
        if abs(found.get(variant, -1.0) - weight) > WEIGHT_TOLERANCE:
            return (
                f"the weights of endpoint {name} were changed by hand while the rollout was under way: "
                f"variant {variant} has {found.get(variant, 0.0):g}, {weight:g} is set"
            )
    return ""
