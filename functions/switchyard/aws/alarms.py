"""CloudWatch alarms by which SageMaker takes a deployment back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from switchyard.aws.calls import ignoring
from switchyard.core.resources.guardrails import Alarm

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

MISSING = ("ResourceNotFound", "does not exist", "not found")


class CloudWatchAlarms:
    """Fulfils ports.Alarms."""

    def __init__(self, client: "CloudWatchClient") -> None:
        self._client = client

    def put(self, alarm: Alarm) -> None:
        """While nobody asks there is no data: that is not breaching, or every shift would begin with its end."""
        dimensions = {
            "EndpointName": alarm.endpoint,
            "VariantName": alarm.variant,
            "EndpointConfigName": alarm.config,
        }
        self._client.put_metric_alarm(
            AlarmName=alarm.name,
            AlarmDescription="Takes a shift of traffic back; made and deleted by the run that it is named after.",
            Namespace="AWS/SageMaker",
            MetricName=alarm.metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            Statistic=alarm.statistic,  # type: ignore[arg-type]
            Period=alarm.period_seconds,
            EvaluationPeriods=1,
            Threshold=alarm.threshold,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )

    def names(self, prefix: str) -> Sequence[str]:
        pages = self._client.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
        return [each["AlarmName"] for page in pages for each in page.get("MetricAlarms", [])]

    def delete(self, name: str) -> None:
        ignoring(MISSING, lambda: self._client.delete_alarms(AlarmNames=[name]))
