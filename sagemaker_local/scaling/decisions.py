"""How many instances a policy asks for: pure decisions on what was read of a metric.

Target tracking makes two alarms on AWS: the high one is in ALARM after 3 periods above the target, the low one after 15
below 90 % of it (the alarms that PutScalingPolicy answers with, as they were seen in public recordings).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sagemaker_local.store import Document

HIGH_PERIODS = 3
LOW_PERIODS = 15
_LOW = 0.9


def within(count: int, target: Document) -> int:
    """The count inside of MinCapacity and MaxCapacity."""
    return int(min(max(count, target["MinCapacity"]), target["MaxCapacity"]))


def tracked(values: Sequence[float | None], goal: float, count: int) -> int | None:
    """The count that brings the metric to `goal`, or None for as it is; the newest of `values` is the last.

    A metric per instance falls as instances come: count x value / goal of them are needed. None is a period without
    data: it says neither.
    """
    high = values[-HIGH_PERIODS:]
    if len(high) == HIGH_PERIODS and all(each is not None and each > goal for each in high):
        return max(count + 1, _needed(count or 1, high, goal))
    low = values[-LOW_PERIODS:]
    if count and len(low) == LOW_PERIODS and all(each is not None and each < _LOW * goal for each in low):
        return min(count - 1, _needed(count, low, goal))
    return None


def stepped(config: Document, breach: float, count: int) -> int:
    """The count after the step whose bounds hold `breach`: the metric less the alarm's threshold.

    A step of 0 moves nothing, in percent neither: "capacity is maintained while the aggregated metric value is greater
    than 40 and less than 60" by steps of 0 on both sides of 50 (Step scaling, the example of 10 and 30 percent).
    """
    step = next((each for each in config["StepAdjustments"] if _holds(each, breach)), None)
    if step is None:
        return count
    by = int(step["ScalingAdjustment"])
    if config["AdjustmentType"] == "ExactCapacity":
        return by
    if config["AdjustmentType"] == "ChangeInCapacity":
        return count + by
    if by == 0:
        return count
    change = math.trunc(count * by / 100) or int(math.copysign(1, by))
    least = config.get("MinAdjustmentMagnitude", 1)
    return count + int(math.copysign(max(abs(change), least), by))


def chosen(count: int, tracking: Sequence[int | None], steps: Sequence[int]) -> int:
    """ "Application Auto Scaling gives precedence to the policy that provides the largest capacity for both scale out
    and scale in" (PutScalingPolicy). Target tracking scales in "only if all of the target tracking policies (with the
    scale-in portion enabled) are ready to scale in", and holds no other policy back: "if the step scaling policy
    initiates a scale-in activity before the target tracking policy is ready to scale in, the scale-in activity will not
    be blocked".
    """
    tracked = max((count if each is None else each for each in tracking), default=count)
    asked = [*steps, *([tracked] if tracked != count else [])]
    return max(asked, default=count)


def held(target: Document, count: int, wanted: int, cooldowns: Mapping[str, float], now: float) -> bool:
    """Whether a suspension or a cooldown keeps the count; `cooldowns` in seconds by ScaleOut and ScaleIn.

    "Scale-in activities are blocked until the cooldown period has expired"; a scale out ends that of a scale in.
    """
    way = "Out" if wanted > count else "In"
    activity: Mapping[str, float] = target.get("_Activity", {})
    last, other = activity.get(f"Scale{way}", 0.0), activity.get("ScaleOut", 0.0)
    cools = now < last + cooldowns[f"Scale{way}"] and last >= other
    return cools or bool(target["SuspendedState"].get(f"DynamicScaling{way}Suspended"))


def _needed(count: int, values: Sequence[float | None], goal: float) -> int:
    """By the largest of the values: what is needed in the busiest of these periods."""
    return math.ceil(count * max(each for each in values if each is not None) / goal)


def _holds(step: Document, breach: float) -> bool:
    """ "If the metric value is above the breach threshold, the lower bound is inclusive", and the upper one exclusive;
    "otherwise, it's exclusive", and the upper one inclusive (StepAdjustment). A missing one has no end. The threshold
    itself belongs to the side that has steps: of 50, "greater than or equal to 50 and less than 60" are 0 and 10,
    "greater than 40 and less than or equal to 50" -10 and 0.
    """
    low = step.get("MetricIntervalLowerBound", -math.inf)
    high = step.get("MetricIntervalUpperBound", math.inf)
    return bool((breach >= 0 and low <= breach < high) or (breach <= 0 and low < breach <= high))
