"""What containers print, to CloudWatch Logs: batched, in the background, best effort."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.background import Background, is_temporary

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef

log = logging.getLogger(__name__)

# PutLogEvents: 10,000 events and 1,048,576 bytes a batch, each event counted with 26 bytes more.
_BATCH_EVENTS, _BATCH_BYTES, _EVENT_BYTES = 10_000, 1_048_576, 26
_MAX_WAITING = 50_000  # lines a stream keeps while CloudWatch Logs cannot be reached: the newest


class LogShipper:
    """Ships lines to log streams, which it creates as they are needed."""

    def __init__(self, logs: Callable[[], CloudWatchLogsClient], flush_seconds: float) -> None:
        self._logs = logs
        self._waiting: dict[tuple[str, str], deque[tuple[int, str]]] = defaultdict(
            lambda: deque(maxlen=_MAX_WAITING)
        )
        self._made: set[tuple[str, str]] = set()
        self.background = Background("container logs", flush_seconds, self.flush)

    def line(self, group: str, stream: str, text: str) -> None:
        """Ship one line. CloudWatch takes no empty ones."""
        if text:
            self._waiting[group, stream].append((time.time_ns() // 1_000_000, text))

    async def flush(self) -> None:
        if any(self._waiting.values()):
            await asyncio.to_thread(self._ship)

    def _ship(self) -> None:
        for (group, stream), lines in list(self._waiting.items()):
            try:
                self._ship_stream(group, stream, lines)
            except (BotoCoreError, ClientError) as error:
                log.warning("could not ship log lines to %s %s: %s", group, stream, error)

    def _ship_stream(self, group: str, stream: str, lines: deque[tuple[int, str]]) -> None:
        if lines and (group, stream) not in self._made:
            self._make(group, stream)
        while lines:
            batch = _batch(lines)
            try:
                self._logs().put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch)
            except (BotoCoreError, ClientError) as error:
                if is_temporary(error):
                    lines.extendleft((event["timestamp"], event["message"]) for event in reversed(batch))
                raise

    def _make(self, group: str, stream: str) -> None:
        client = self._logs()
        with contextlib.suppress(client.exceptions.ResourceAlreadyExistsException):
            client.create_log_group(logGroupName=group)
        with contextlib.suppress(client.exceptions.ResourceAlreadyExistsException):
            client.create_log_stream(logGroupName=group, logStreamName=stream)
        self._made.add((group, stream))


def _batch(lines: deque[tuple[int, str]]) -> list[InputLogEventTypeDef]:
    """Take the next batch off `lines`, within CloudWatch's limits."""
    batch: list[InputLogEventTypeDef] = []
    size = 0
    while lines and len(batch) < _BATCH_EVENTS:
        at, text = lines[0]
        size += len(text.encode()) + _EVENT_BYTES
        if batch and size > _BATCH_BYTES:
            break
        batch.append({"timestamp": at, "message": text})
        lines.popleft()
    return batch
