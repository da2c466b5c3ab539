"""Metrics of a training job: numbers in its log lines, found by the MetricDefinitions of the request."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import regex
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.background import Background
from sagemaker_local.store import Document
from sagemaker_local.wire.matching import match_within

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

_NAMESPACE = "/aws/sagemaker/TrainingJobs"
_BATCH = 500  # PutMetricData takes 1000
_MAX_PENDING = 20_000
_log = logging.getLogger(__name__)

# A pattern is the user's: one that backtracks without end must not hold up the plane.
_CPU_SECONDS_A_LINE = 0.05
_LONGEST_LINE = 4096


class MetricReader:
    """Reads lines; remembers the last value of each metric, hands on every one (name, value, epoch seconds).

    A tab shows as `#011` in CloudWatch, and the built-in algorithms' patterns count on it: both are tried.
    """

    def __init__(self, definitions: list[Document], found: Callable[[str, float, float], None]) -> None:
        self._patterns = {
            each["Name"]: pattern for each in definitions if (pattern := _compiled(each["Regex"]))
        }
        self._last: dict[str, tuple[float, float]] = {}
        self._found = found

    def read(self, line: str, now: float) -> None:
        """Take one log line; `now` is epoch seconds."""
        text = line[:_LONGEST_LINE]
        for name, pattern in list(self._patterns.items()):
            try:
                value = _value(pattern, text)
            except TimeoutError:
                _log.warning("metric %s is read no more: its Regex takes too long on a line", name)
                del self._patterns[name]
                continue
            if value is not None:
                self._last[name] = (value, now)
                self._found(name, value, now)

    def final(self) -> list[Document]:
        """FinalMetricDataList: the last value of each metric."""
        return [
            {"MetricName": name, "Value": value, "Timestamp": at} for name, (value, at) in self._last.items()
        ]


class MetricPublisher:
    """Sends values to CloudWatch, in the background: /aws/sagemaker/TrainingJobs, by TrainingJobName."""

    def __init__(self, cloudwatch: Callable[[], CloudWatchClient], period_seconds: float) -> None:
        self._cloudwatch = cloudwatch
        self._pending: deque[MetricDatumTypeDef] = deque(maxlen=_MAX_PENDING)
        self.background = Background("training metrics", period_seconds, self.publish)

    def offer(self, job: str, name: str, value: float, at: float) -> None:
        """Publish one value with the next batch."""
        self._pending.append(
            {
                "MetricName": name,
                "Dimensions": [{"Name": "TrainingJobName", "Value": job}],
                "Timestamp": datetime.fromtimestamp(at, UTC),
                "Value": value,
            }
        )

    async def publish(self) -> None:
        """Send all that waits; what cannot be sent waits for the next time."""
        if self._pending:
            await asyncio.to_thread(self._send)

    def _send(self) -> None:
        while self._pending:
            batch = [self._pending.popleft() for _ in range(min(_BATCH, len(self._pending)))]
            try:
                self._cloudwatch().put_metric_data(Namespace=_NAMESPACE, MetricData=batch)
            except (BotoCoreError, ClientError) as error:
                self._pending.extendleft(reversed(batch))
                _log.warning("%d training metrics wait for CloudWatch: %s", len(self._pending), error)
                return


def _compiled(pattern: str) -> regex.Pattern[str] | None:
    try:
        return regex.compile(pattern)
    except regex.error:
        return None


def _value(pattern: regex.Pattern[str], text: str) -> float | None:
    for shown in (text, text.replace("\t", "#011")):
        match = match_within(pattern.search, shown, _CPU_SECONDS_A_LINE)
        if match is not None:
            return _number(match)
        if "\t" not in text:
            break
    return None


def _number(match: regex.Match[str]) -> float | None:
    try:
        value = float(match.group(1))
    except (ValueError, TypeError, IndexError):
        return None
    return value if math.isfinite(value) else None
