"""What RegisterScalableTarget and PutScalingPolicy are refused."""

from __future__ import annotations

from sagemaker_local.store import Document
from sagemaker_local.wire.errors import validation

_CONFIGURATIONS = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
}
_PREDEFINED = "SageMakerVariantInvocationsPerInstance"


def check_range(target: Document) -> None:
    """ "When you register a new scalable target, you must specify values for the minimum and maximum capacity"."""
    missing = [name for name in ("MinCapacity", "MaxCapacity") if name not in target]
    if missing:
        raise validation(f"{' and '.join(missing)} must be specified when a scalable target is registered.")
    low, high = target["MinCapacity"], target["MaxCapacity"]
    if low < 0 or high < low:
        raise validation(
            f"Minimum capacity must be at least 0 and at most the maximum capacity; found {low} and {high}."
        )


def check_policy(policy: Document) -> None:
    """One configuration, that of the policy's type."""
    kind = policy["PolicyType"]
    if kind not in _CONFIGURATIONS:
        raise validation(
            f"The local Application Auto Scaling does not carry out {kind}; use {', '.join(_CONFIGURATIONS)}."
        )
    if _CONFIGURATIONS[kind] not in policy:
        raise validation(f"PolicyType {kind} needs {_CONFIGURATIONS[kind]}.")
    if kind == "StepScaling":
        _check_steps(policy["StepScalingPolicyConfiguration"])
    else:
        _check_tracking(policy["TargetTrackingScalingPolicyConfiguration"])


def _check_tracking(config: Document) -> None:
    """ "You can specify either a predefined metric or a customized metric"."""
    predefined, custom = (
        config.get("PredefinedMetricSpecification"),
        config.get("CustomizedMetricSpecification"),
    )
    if (predefined is None) == (custom is None):
        raise validation(
            "A target tracking policy needs either PredefinedMetricSpecification or CustomizedMetricSpecification."
        )
    if predefined and predefined["PredefinedMetricType"] != _PREDEFINED:
        raise validation(
            f"{predefined['PredefinedMetricType']} is not a metric of endpoint variants here; use {_PREDEFINED} or "
            "CustomizedMetricSpecification."
        )
    if custom:
        missing = [name for name in ("MetricName", "Namespace", "Statistic") if name not in custom]
        if missing:
            raise validation(
                f"The local Application Auto Scaling reads one metric: CustomizedMetricSpecification needs "
                f"{', '.join(missing)}."
            )


def _check_steps(config: Document) -> None:
    """ "AdjustmentType is required if you are adding a new step scaling policy configuration"."""
    if "AdjustmentType" not in config or not config.get("StepAdjustments"):
        raise validation("A step scaling policy needs AdjustmentType and StepAdjustments.")
