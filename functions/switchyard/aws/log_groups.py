"""CloudWatch Logs' groups."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


class CloudWatchLogGroups:
    """Fulfils ports.LogGroups."""

    def __init__(self, client: "CloudWatchLogsClient") -> None:
        self._client = client

    def endless(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
        groups = (group for page in pages for group in page["logGroups"])
        return [group["logGroupName"] for group in groups if "retentionInDays" not in group]

    def expire(self, name: str, days: int) -> None:
        self._client.put_retention_policy(logGroupName=name, retentionInDays=days)
