"""Endpoints that scale: whose targets they are, and how many instances a variant needs for its share. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from switchyard.core.pipeline import ASYNC, Scaling


@dataclass(frozen=True)
class Policy:
    """A scaling policy as far as it is compared. target: of target tracking; None of others."""

    name: str
    target: float | None
    scale_in_seconds: int = 0
    scale_out_seconds: int = 0


@dataclass(frozen=True)
class ScalableTarget:
    """A variant that Application Auto Scaling counts the instances of."""

    variant: str
    minimum: int
    maximum: int
    policies: Sequence[Policy] = ()


def load_policy(prefix: str) -> str:
    """The name by which our policies are known, as all that the stack makes."""
    return f"{prefix}-load"


def wake_policy(prefix: str) -> str:
    """Of asynchronous endpoints without an instance: the first request brings one."""
    return f"{prefix}-wake"


def policy_names(prefix: str, mode: str, scaling: Scaling) -> tuple[str, ...]:
    """What a target has to be followed by."""
    wakes = mode == ASYNC and scaling.minimum == 0
    return (load_policy(prefix), wake_policy(prefix)) if wakes else (load_policy(prefix),)


def foreign(prefix: str, targets: Iterable[ScalableTarget], is_declared: bool) -> list[str]:
    """Variants that somebody else scales: by policies that are not ours, or by none where none of ours can have been.

    is_declared: pipeline.yaml has `deployment.scaling`; a target without a policy may then be ours, half made.
    """
    ours = (load_policy(prefix), wake_policy(prefix))
    return [
        each.variant
        for each in targets
        if any(policy.name not in ours for policy in each.policies) or not (each.policies or is_declared)
    ]


def is_kept(target: ScalableTarget | None, prefix: str, mode: str, scaling: Scaling) -> bool:
    """The target is as `deployment.scaling` says."""
    if target is None or (target.minimum, target.maximum) != (scaling.minimum, scaling.maximum):
        return False
    found = {each.name: each for each in target.policies}
    load = found.get(load_policy(prefix))
    wanted = (scaling.target, scaling.scale_in_seconds, scaling.scale_out_seconds)
    is_same = load is not None and (load.target, load.scale_in_seconds, load.scale_out_seconds) == wanted
    return is_same and set(policy_names(prefix, mode, scaling)) <= set(found)


def instance_counts(description: Mapping[str, Any] | None) -> dict[str, int]:
    """Desired instances by variant; empty of a serverless endpoint, and of one that is not there."""
    variants = (description or {}).get("ProductionVariants") or []
    return {v["VariantName"]: int(v["DesiredInstanceCount"]) for v in variants if "DesiredInstanceCount" in v}


def sized(scaling: Scaling, counts: Mapping[str, int], share: float) -> int:
    """Instances for `share` percent of what all of these serve now."""
    return scaling.within(math.ceil(sum(counts.values()) * share / 100))
