"""What CloudWatch says of the metrics and alarms of scaling policies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sagemaker_local.hosting.scalable_targets import names_of
from sagemaker_local.scaling.decisions import LOW_PERIODS
from sagemaker_local.store import Document

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_MINUTE = 60.0


class CloudWatchReadings:
    """Metrics by periods of `period_seconds`, a minute on AWS."""

    def __init__(self, cloudwatch: Callable[[], CloudWatchClient], period_seconds: float) -> None:
        self._cloudwatch, self._period = cloudwatch, max(1, round(period_seconds))

    def tracked(self, config: Document, resource: str) -> list[float | None]:
        """A rate's values are by the minute, whatever the period is."""
        if "CustomizedMetricSpecification" in config:
            return self._values(config["CustomizedMetricSpecification"])
        values = self._values(_invocations(resource))
        # "If traffic to a variant becomes zero ... SageMaker AI emits metrics with a value of zero"
        return [(each or 0.0) * _MINUTE / self._period for each in values]

    def breaches(self, policy_arn: str) -> list[float]:
        pages = self._cloudwatch().get_paginator("describe_alarms").paginate(StateValue="ALARM")
        alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
        mine = [alarm for alarm in alarms if policy_arn in alarm.get("AlarmActions", [])]
        found = ((self._newest(dict(alarm)), alarm["Threshold"]) for alarm in mine)
        return [value - threshold for value, threshold in found if value is not None]

    def _newest(self, alarm: dict[str, Any]) -> float | None:
        known = [each for each in self._values(alarm) if each is not None]
        return known[-1] if known else None

    def _values(self, metric: Document) -> list[float | None]:
        """The last periods that are over, the newest last."""
        end = int(datetime.now(UTC).timestamp()) // self._period * self._period
        starts = [end - self._period * back for back in range(LOW_PERIODS, 0, -1)]
        answer = self._cloudwatch().get_metric_statistics(
            Namespace=metric["Namespace"],
            MetricName=metric["MetricName"],
            Dimensions=metric.get("Dimensions", []),
            StartTime=datetime.fromtimestamp(starts[0], UTC),
            EndTime=datetime.fromtimestamp(end, UTC) + timedelta(milliseconds=1),
            Period=self._period,
            Statistics=[metric["Statistic"]],
            **({"Unit": metric["Unit"]} if "Unit" in metric else {}),
        )
        points: list[dict[str, Any]] = [dict(each) for each in answer["Datapoints"]]
        found = {int(each["Timestamp"].timestamp()): float(each[metric["Statistic"]]) for each in points}
        return [found.get(start) for start in starts]


def _invocations(resource: str) -> Document:
    """SageMakerVariantInvocationsPerInstance: "the average number of times per minute that each instance for a variant
    is invoked".
    """
    endpoint, variant = names_of(resource)
    names = {"EndpointName": endpoint, "VariantName": variant}
    return {
        "Namespace": "AWS/SageMaker",
        "MetricName": "InvocationsPerInstance",
        "Dimensions": [{"Name": name, "Value": value} for name, value in names.items()],
        "Statistic": "Sum",
    }
