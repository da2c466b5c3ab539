"""The log streams of transform jobs."""

from __future__ import annotations

from tests.plane.support.harness import client

_GROUP = "/aws/sagemaker/TransformJobs"


def logged(aws_url: str, job: str, suffix: str) -> list[str]:
    logs = client("logs", aws_url)
    streams = logs.describe_log_streams(logGroupName=_GROUP, logStreamNamePrefix=f"{job}/")["logStreams"]
    names = [each["logStreamName"] for each in streams if each["logStreamName"].endswith(suffix)]
    return [
        event["message"]
        for name in names
        for event in logs.get_log_events(logGroupName=_GROUP, logStreamName=name)["events"]
    ]
