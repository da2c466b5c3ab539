"""What RegisterScalableTarget and PutScalingPolicy are refused."""

from __future__ import annotations

import itertools
import math

from sagemaker_local.instance_types import is_burstable
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import ServiceError, validation

_CONFIGURATIONS = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
}
_MOST_STEPS = 20
_LARGEST_TARGET = 2.0**360
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


def check_type(goal: Document) -> None:
    """ "SageMaker doesn't support auto scaling for burstable instances such as T2": checked "when you register a model"
    (Configure model auto scaling). goal: the variant.
    """
    if is_burstable(goal["InstanceType"]):
        raise validation(
            f"Auto scaling is not supported for burstable instances: variant {goal['VariantName']} has "
            f"{goal['InstanceType']}."
        )


def check_policy(policy: Document) -> None:
    """The configuration of the policy's type, and no other."""
    kind = policy["PolicyType"]
    if kind not in _CONFIGURATIONS:
        raise validation(
            f"The local Application Auto Scaling does not carry out {kind}; use {', '.join(_CONFIGURATIONS)}."
        )
    if _CONFIGURATIONS[kind] not in policy:
        raise validation(f"PolicyType {kind} needs {_CONFIGURATIONS[kind]}.")
    others = [name for name in _CONFIGURATIONS.values() if name in policy and name != _CONFIGURATIONS[kind]]
    if others:
        raise validation(f"PolicyType {kind} does not go with {others[0]}.")
    if kind == "StepScaling":
        _check_steps(policy["StepScalingPolicyConfiguration"])
    else:
        _check_tracking(policy["TargetTrackingScalingPolicyConfiguration"])


def _check_tracking(config: Document) -> None:
    """ "You can specify either a predefined metric or a customized metric"."""
    _check_numbers(config)
    predefined, custom = (
        config.get("PredefinedMetricSpecification"),
        config.get("CustomizedMetricSpecification"),
    )
    if (predefined is None) == (custom is None):
        raise validation(
            "A target tracking policy needs either PredefinedMetricSpecification or CustomizedMetricSpecification."
        )
    if predefined:
        _check_predefined(predefined)
    if custom:
        _check_one_metric(custom)


def _check_one_metric(custom: Document) -> None:
    """The metric "to include in a target tracking scaling policy, as a metric data query" goes in place of one metric's
    members.
    """
    if "Metrics" in custom and len(custom) > 1:
        raise validation(
            "CustomizedMetricSpecification takes Metrics or the members of one metric, not both."
        )
    missing = [name for name in ("MetricName", "Namespace", "Statistic") if name not in custom]
    if missing:
        raise validation(
            f"The local Application Auto Scaling reads one metric: CustomizedMetricSpecification needs "
            f"{', '.join(missing)}."
        )


def _check_numbers(config: Document) -> None:
    """TargetValue is "in the range of -2^360 to 2^360", and of invocations it is a number of them; cooldowns are "the
    amount of time, in seconds".
    """
    target = config["TargetValue"]
    if abs(target) > _LARGEST_TARGET or ("PredefinedMetricSpecification" in config and target <= 0):
        raise validation(f"TargetValue {target} is not a valid number based on the choice of metric.")
    _check_cooldowns(config, "ScaleInCooldown", "ScaleOutCooldown")


def _check_cooldowns(config: Document, *members: str) -> None:
    for member in members:
        if config.get(member, 0) < 0:
            raise validation(f"{member} must not be negative; found {config[member]}.")


def _check_predefined(metric: Document) -> None:
    if metric["PredefinedMetricType"] != _PREDEFINED:
        raise validation(
            f"{metric['PredefinedMetricType']} is not a metric of endpoint variants here; use {_PREDEFINED} or "
            "CustomizedMetricSpecification."
        )
    if "ResourceLabel" in metric:
        raise validation("ResourceLabel is only for PredefinedMetricType ALBRequestCountPerTarget.")


def _check_steps(config: Document) -> None:
    """ "AdjustmentType is required if you are adding a new step scaling policy configuration"."""
    _check_cooldowns(config, "Cooldown")
    if "AdjustmentType" not in config or not config.get("StepAdjustments"):
        raise validation("A step scaling policy needs AdjustmentType and StepAdjustments.")
    if "MinAdjustmentMagnitude" in config and config["AdjustmentType"] != "PercentChangeInCapacity":
        raise validation("MinAdjustmentMagnitude is only for AdjustmentType PercentChangeInCapacity.")
    steps = config["StepAdjustments"]
    if config["AdjustmentType"] == "ExactCapacity" and any(each["ScalingAdjustment"] < 0 for each in steps):
        raise validation("ScalingAdjustment of AdjustmentType ExactCapacity must not be negative.")
    _check_ranges(steps)


def _check_ranges(steps: list[Document]) -> None:
    """ "The ranges of your step adjustments can't overlap or have a gap"; a side that begins away from the threshold
    has an end without a bound ("If one step adjustment has a positive upper bound, then there must be a step adjustment
    with a null upper bound"); "The upper and lower bound can't be null in the same step adjustment".
    """
    if len(steps) > _MOST_STEPS:
        raise validation(f"There can be at most {_MOST_STEPS} step adjustments per scaling policy.")
    if any(
        "MetricIntervalLowerBound" not in each and "MetricIntervalUpperBound" not in each for each in steps
    ):
        raise validation("The upper and lower bound can't be unspecified in the same StepAdjustment.")
    ranges = sorted(
        (each.get("MetricIntervalLowerBound", -math.inf), each.get("MetricIntervalUpperBound", math.inf))
        for each in steps
    )
    if any(low >= high for low, high in ranges):
        raise validation("The upper bound of a StepAdjustment must be greater than its lower bound.")
    if any(before[1] != after[0] for before, after in itertools.pairwise(ranges)):
        raise validation("The ranges of StepAdjustments can't overlap or have a gap.")
    low, high = ranges[0][0], ranges[-1][1]
    if -math.inf < low < 0:
        raise _bounded("lower", "negative")
    if 0 < high < math.inf:
        raise _bounded("upper", "positive")


def _bounded(side: str, sign: str) -> ServiceError:
    """In AWS's words (hashicorp/terraform-provider-aws#9077)."""
    return validation(
        f"There must be a StepAdjustment with an unspecified {side} bound (i.e., {side} bound is null) when one "
        f"StepAdjustment has a {sign} {side} bound"
    )
