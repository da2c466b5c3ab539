"""DeploymentConfig: which steps an update takes, and which configs are refused.

Shares are of whole instances: "Value must be less than or equal to 50% of the variant's total instance count".
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation

Instances = dict[str, int]
_HUNDREDTHS = 100  # a serverless variant has no instances: its shares are of its traffic


@dataclass(frozen=True)
class Plan:
    """How a guarded deployment goes. Times are seconds.

    steps: after each, the share (0..1] of every variant's instances that takes traffic on the new fleet; the last
    is everything. rolling: the old fleet shrinks as the new one grows. back: the share that one step of a
    rolling deployment's way back restores.
    """

    steps: tuple[dict[str, float], ...]
    bake_seconds: float
    termination_seconds: float
    timeout_seconds: float | None
    alarms: tuple[str, ...]
    rolling: bool = False
    back: float = 1.0


@dataclass(frozen=True)
class _Bounds:
    """The least and the most of a variant's instances that one step may turn on, in percent."""

    member: str
    least: float
    most: float

    @property
    def rule(self) -> str:
        if self.least == 0:
            return f"Value must be less than or equal to {self.most:g}% of the variant's total instance count"
        return f"Value must be {self.least:g}-{self.most:g}% of the variant's total instance count"


_CANARY = _Bounds("CanarySize", 0, 50)
_LINEAR = _Bounds("LinearStepSize", 10, 50)
_ROLLING = _Bounds("MaximumBatchSize", 5, 50)
_ROLLBACK = _Bounds("RollbackMaximumBatchSize", 0, 100)


def check(config: Document, target: Document, served: Document | None) -> None:
    """Raise the ValidationException of a DeploymentConfig that cannot be carried out on this endpoint."""
    policies = [each for each in ("BlueGreenUpdatePolicy", "RollingUpdatePolicy") if each in config]
    if len(policies) > 1:
        raise validation(
            "Only one update policy should be used in the deployment configuration: "
            "found BlueGreenUpdatePolicy and RollingUpdatePolicy."
        )
    if "RollingUpdatePolicy" in config:
        _check_rolling(target, served or {})
    if served is not None:
        _check_names(target, served)
    if _is_serverless(target):
        _check_serverless(config)
    plan(config, instances_of(target))


def _check_rolling(target: Document, served: Document) -> None:
    """ "If you're doing a rolling deployment, there are additional feature-based exclusions: Serverless inference
    endpoints, Multi-variant inference endpoints" (Deployment guardrails, exclusions).
    """
    if _is_serverless(target) or _is_serverless(served):
        raise validation("RollingUpdatePolicy is not supported for serverless endpoints.")
    if len(target["Variants"]) + len(target["Shadow"]) > 1:
        raise validation("RollingUpdatePolicy is not supported for multi-variant endpoints.")


def _check_serverless(config: Document) -> None:
    routing = config.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    for member in ("CanarySize", "LinearStepSize"):
        if routing.get(member, {}).get("Type") == "INSTANCE_COUNT":
            raise validation(
                f"{member} of a serverless endpoint needs the type CAPACITY_PERCENT: it has no instances."
            )


def _is_serverless(target: Document) -> bool:
    return any(goal.get("Serverless") for goal in target.get("Variants", ()))


def instances_of(target: Document) -> Instances:
    """Variant -> what its shares are whole parts of."""
    return {
        goal["VariantName"]: _HUNDREDTHS if goal.get("Serverless") else goal["InstanceCount"]
        for goal in target["Variants"]
    }


def _check_names(target: Document, served: Document) -> None:
    """ "Your new endpoint configuration must have the same variant name as the old endpoint configuration." """
    new, old = ([goal["VariantName"] for goal in each["Variants"]] for each in (target, served))
    if sorted(new) != sorted(old):
        raise validation(
            "When doing a blue/green or rolling deployment, your new endpoint configuration must have the same "
            f"variant name as the old endpoint configuration: found {', '.join(new)}, and {', '.join(old)} before."
        )


def plan(config: Document, instances: Instances) -> Plan:
    """The plan for variants with so many instances. Raises ValidationException for sizes out of bounds."""
    alarms = config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    names = tuple(alarm["AlarmName"] for alarm in alarms if "AlarmName" in alarm)
    if "RollingUpdatePolicy" in config:
        return _rolling(config["RollingUpdatePolicy"], instances, names)
    return _blue_green(config.get("BlueGreenUpdatePolicy", {}), instances, names)


def _blue_green(policy: Document, instances: Instances, alarms: tuple[str, ...]) -> Plan:
    routing = policy.get("TrafficRoutingConfiguration", {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0})
    result = Plan(
        steps=tuple(_steps(routing, instances)),
        bake_seconds=float(routing["WaitIntervalInSeconds"]),
        termination_seconds=float(policy.get("TerminationWaitInSeconds", 0)),
        timeout_seconds=policy.get("MaximumExecutionTimeoutInSeconds"),
        alarms=alarms,
    )
    _check_timeout(result)
    return result


def _steps(routing: Document, instances: Instances) -> Iterator[dict[str, float]]:
    kind = routing["Type"]
    for member, of in (("CanarySize", "CANARY"), ("LinearStepSize", "LINEAR")):
        if kind == of and member not in routing:
            raise validation(f"{member} must be specified when the traffic routing type is {of}.")
        if kind != of and member in routing:
            raise validation(f"{member} can only be specified when the traffic routing type is {of}.")
    if kind == "CANARY":
        yield _shares(routing["CanarySize"], instances, _CANARY)
        yield dict.fromkeys(instances, 1.0)
    elif kind == "LINEAR":
        yield from _equal_steps(_shares(routing["LinearStepSize"], instances, _LINEAR))
    else:
        yield dict.fromkeys(instances, 1.0)


def _equal_steps(shares: dict[str, float]) -> Iterator[dict[str, float]]:
    count = max(math.ceil(1 / share - 1e-9) for share in shares.values())
    for step in range(1, count + 1):
        yield {name: min(1.0, step * share) for name, share in shares.items()}


def _rolling(policy: Document, instances: Instances, alarms: tuple[str, ...]) -> Plan:
    back = 1.0
    if "RollbackMaximumBatchSize" in policy:
        back = min(_shares(policy["RollbackMaximumBatchSize"], instances, _ROLLBACK).values())
    result = Plan(
        steps=tuple(_equal_steps(_shares(policy["MaximumBatchSize"], instances, _ROLLING))),
        bake_seconds=float(policy["WaitIntervalInSeconds"]),
        termination_seconds=0.0,
        timeout_seconds=policy.get("MaximumExecutionTimeoutInSeconds"),
        alarms=alarms,
        rolling=True,
        back=back,
    )
    _check_timeout(result)
    return result


def _shares(size: Document, instances: Instances, bounds: _Bounds) -> dict[str, float]:
    """Variant -> the share that whole instances come to, at least one."""
    if size["Type"] == "CAPACITY_PERCENT" and not bounds.least <= size["Value"] <= bounds.most:
        raise validation(f"Invalid {bounds.member}: {bounds.rule}; found {size['Value']}%.")
    return {name: _share(size, name, count, bounds) for name, count in instances.items()}


def _share(size: Document, variant: str, count: int, bounds: _Bounds) -> float:
    by_count = size["Type"] == "INSTANCE_COUNT"
    turned_on = int(size["Value"]) if by_count else max(1, count * int(size["Value"]) // 100)
    percent = 100 * turned_on / max(1, count)
    if not bounds.least <= percent <= bounds.most:
        raise validation(
            f"Invalid {bounds.member}: {bounds.rule}; found {turned_on} of the {count} instances of variant "
            f"{variant}."
        )
    return turned_on / max(1, count)


def _check_timeout(plan: Plan) -> None:
    """ "The timeout value should be larger than the total waiting time"."""
    waiting = plan.bake_seconds * len(plan.steps) + plan.termination_seconds
    if plan.timeout_seconds is not None and plan.timeout_seconds <= waiting:
        raise validation(
            f"MaximumExecutionTimeoutInSeconds ({plan.timeout_seconds}) should be larger than the total waiting "
            f"time specified in TerminationWaitInSeconds and WaitIntervalInSeconds ({waiting:g})."
        )
