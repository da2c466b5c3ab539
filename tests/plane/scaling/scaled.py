"""Endpoints `live` whose variants are scalable targets, and the calls that make them so."""

from __future__ import annotations

from typing import Any

from tests.plane.support.harness import Harness

PLACE = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
RESOURCE = "endpoint/live/variant/old"


def register(plane: Harness, low: int = 1, high: int = 4, resource: str = RESOURCE) -> dict[str, Any]:
    answer = plane.scaling.register_scalable_target(
        **PLACE, ResourceId=resource, MinCapacity=low, MaxCapacity=high
    )
    return dict(answer)


def track(plane: Harness, goal: float, resource: str = RESOURCE, **members: Any) -> None:
    """Target tracking on invocations per instance and minute, without cooldowns."""
    config = {
        "TargetValue": goal,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleOutCooldown": 0,
        "ScaleInCooldown": 0,
    } | members
    plane.scaling.put_scaling_policy(
        **PLACE,
        ResourceId=resource,
        PolicyName="load",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=config,
    )


def counts(plane: Harness) -> dict[str, int]:
    """Instances by variant, once the endpoint has settled."""
    found = plane.endpoint("live")["ProductionVariants"]
    return {each["VariantName"]: each["CurrentInstanceCount"] for each in found}
