"""What the jobs and servers of a run have printed, and what the functions said of it, as one stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from switchyard.core.names import Names

STREAMS_AT_ONCE = 100  # "logStreamNames: Maximum number of 100 items" (FilterLogEvents)


@dataclass(frozen=True, order=True)
class LogLine:
    """at: seconds since the epoch. source: which job, server or function."""

    at: float
    source: str
    text: str


@dataclass(frozen=True)
class LogSource:
    """A log group, and what of it is of the run: streams that begin so, or lines that hold a word."""

    title: str
    group: str
    streams: str = ""
    pattern: str = ""


def sources_of_run(names: Names) -> tuple[LogSource, ...]:
    """In the order of the story: dataset job, preparation, training, alpha endpoint, live server, functions."""
    return (
        LogSource("dataset job", "/aws/sagemaker/ProcessingJobs", f"{names.dataset_job}/"),
        LogSource("preparation", "/aws/sagemaker/ProcessingJobs", f"{names.preparation_job}/"),
        LogSource("training", "/aws/sagemaker/TrainingJobs", f"{names.training_job}/"),
        LogSource("tuning", "/aws/sagemaker/TrainingJobs", f"{names.tuning_job}-"),
        LogSource("transform", "/aws/sagemaker/TransformJobs", f"{names.transform_job}/"),
        LogSource("evaluation program", "/aws/sagemaker/ProcessingJobs", f"{names.program_job}/"),
        LogSource("alpha endpoint", f"/aws/sagemaker/Endpoints/{names.alpha}"),
        LogSource("server", f"/aws/sagemaker/Endpoints/{names.endpoint}", f"{names.variant}/"),
        LogSource("functions", f"/switchyard/{names.prefix}/functions", pattern=f'"{names.run_id}"'),
    )


def sources_of_model(names: Names) -> tuple[LogSource, ...]:
    """What serves live, whatever run made it."""
    return (LogSource("server", f"/aws/sagemaker/Endpoints/{names.endpoint}"),)


def read_logs(
    client: Any, sources: tuple[LogSource, ...], last: int, between: tuple[float, float] | None = None
) -> list[LogLine]:
    """The newest `last` lines of all sources together, oldest first. between: seconds since the epoch, both ends in."""
    asked = (
        {} if between is None else {"startTime": int(1000 * between[0]), "endTime": int(1000 * between[1])}
    )
    return sorted(line for source in sources for line in _read(client, source, asked))[-last:]


def _read(client: Any, source: LogSource, when: Mapping[str, int]) -> Iterator[LogLine]:
    """Nothing of a group that was never made: the run did not come so far, or had no such job."""
    try:
        for chosen in _streams(client, source):
            asked = {"logGroupName": source.group, **chosen, **when}
            for page in client.get_paginator("filter_log_events").paginate(**asked):
                for event in page["events"]:
                    yield LogLine(event["timestamp"] / 1000, source.title, event["message"].rstrip("\n"))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


def _streams(client: Any, source: LogSource) -> Iterator[dict[str, Any]]:
    """What is asked of a group: a pattern, everything, or the streams of a job, a hundred at a time."""
    if not source.streams:
        yield {"filterPattern": source.pattern} if source.pattern else {}
        return
    pages = client.get_paginator("describe_log_streams").paginate(
        logGroupName=source.group, logStreamNamePrefix=source.streams
    )
    names = [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
    for start in range(0, len(names), STREAMS_AT_ONCE):
        yield {"logStreamNames": names[start : start + STREAMS_AT_ONCE]}
