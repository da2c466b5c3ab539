"""Data capture: a sample of requests and answers, as JSON lines in S3.

Best effort, as on AWS: delivery comes later than the answer, and may lose records when S3 cannot be reached.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom
from typing import TYPE_CHECKING, Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.background import Background, is_temporary
from sagemaker_local.hosting.serving.connection import Reply
from sagemaker_local.s3_uri import split_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

log = logging.getLogger(__name__)

FLUSH_BYTES = 4 * 1024 * 1024
MAX_PENDING_BYTES = 64 * 1024 * 1024
_random = SystemRandom().random


@dataclass(frozen=True)
class CaptureConfig:
    """An endpoint configuration's DataCaptureConfig, when EnableCapture is true.

    `destination` is DestinationS3Uri, `modes` a subset of {"Input", "Output"}. Payloads whose content type
    is in neither list are captured in base64.
    """

    destination: str
    sampling_percentage: float
    modes: frozenset[str] = frozenset({"Input", "Output"})
    csv_content_types: tuple[str, ...] = ()
    json_content_types: tuple[str, ...] = ()

    def encoding(self, content_type: str | None) -> str:
        """CSV, JSON or BASE64; parameters of the content type do not matter."""
        plain = (content_type or "").partition(";")[0].strip().lower()
        if plain in {each.lower() for each in self.csv_content_types}:
            return "CSV"
        return "JSON" if plain in {each.lower() for each in self.json_content_types} else "BASE64"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; `at` is the time of the inference in epoch seconds."""

    content_type: str | None
    body: bytes
    reply: Reply
    inference_id: str | None
    at: float


@dataclass(frozen=True)
class _Stream:
    """Where a record goes: one file after the other of one variant."""

    config: CaptureConfig
    endpoint: str
    variant: str


@dataclass(frozen=True)
class _File:
    bucket: str
    key: str
    body: bytes


class Capture:
    """Collects exchanges and writes them as files, by time and by size."""

    def __init__(
        self, s3: Callable[[], S3Client], flush_seconds: float, random: Callable[[], float] = _random
    ) -> None:
        self._s3 = s3
        self._random = random
        self._waiting: dict[_Stream, list[Exchange]] = defaultdict(list)
        self._waiting_bytes = 0
        self._files: list[_File] = []
        self.background = Background("data capture", flush_seconds, self.flush)

    def offer(self, config: CaptureConfig, endpoint: str, variant: str, exchange: Exchange) -> None:
        """Capture the exchange if it falls into the sample."""
        if self._random() * 100 >= config.sampling_percentage:
            return
        self._waiting[_Stream(config, endpoint, variant)].append(exchange)
        self._waiting_bytes += len(exchange.body) + len(exchange.reply.body)
        if self._waiting_bytes >= FLUSH_BYTES:
            self.background.hurry()

    async def flush(self) -> None:
        """Write all that waits."""
        waiting, self._waiting, self._waiting_bytes = self._waiting, defaultdict(list), 0
        if waiting or self._files:
            await asyncio.to_thread(self._write, waiting)

    def _write(self, waiting: dict[_Stream, list[Exchange]]) -> None:
        self._files += [file for stream, exchanges in waiting.items() for file in _files(stream, exchanges)]
        while self._files:
            file = self._files[0]
            try:
                self._s3().put_object(Bucket=file.bucket, Key=file.key, Body=file.body)
            except (BotoCoreError, ClientError) as error:
                log.warning("data capture could not write s3://%s/%s: %s", file.bucket, file.key, error)
                if is_temporary(error):
                    self._drop_beyond(MAX_PENDING_BYTES)
                    return
            del self._files[0]

    def _drop_beyond(self, limit: int) -> None:
        while sum(len(file.body) for file in self._files) > limit:
            log.warning(
                "data capture dropped s3://%s/%s: too much waits", self._files[0].bucket, self._files[0].key
            )
            del self._files[0]


def _files(stream: _Stream, exchanges: list[Exchange]) -> list[_File]:
    """One file an hour of inference time."""
    hours: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        hours[f"{datetime.fromtimestamp(exchange.at, UTC):%Y/%m/%d/%H}"].append(exchange)
    return [_file(stream, hour, members) for hour, members in hours.items()]


def _file(stream: _Stream, hour: str, exchanges: list[Exchange]) -> _File:
    """<DestinationS3Uri>/<endpoint>/<variant>/yyyy/mm/dd/hh/MM-SS-mmm-<uuid>.jsonl, in UTC."""
    bucket, prefix = split_uri(stream.config.destination)
    first = datetime.fromtimestamp(exchanges[0].at, UTC)
    name = f"{first:%M-%S}-{first.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
    key = "/".join([prefix.strip("/"), stream.endpoint, stream.variant, hour, name]).lstrip("/")
    body = b"".join([orjson.dumps(record(stream.config, exchange)) + b"\n" for exchange in exchanges])
    return _File(bucket, key, body)


def record(config: CaptureConfig, exchange: Exchange) -> dict[str, Any]:
    """One line of a capture file, eventVersion 0."""
    data = {}
    if "Input" in config.modes:
        data["endpointInput"] = _payload(config, "INPUT", exchange.content_type, exchange.body)
    if "Output" in config.modes:
        answered = exchange.reply.headers.get(b"content-type")
        kind = answered.decode("latin-1") if answered else None
        data["endpointOutput"] = _payload(config, "OUTPUT", kind, exchange.reply.body)
    metadata = {"eventId": str(uuid.uuid4())}
    if exchange.inference_id is not None:
        metadata["inferenceId"] = exchange.inference_id
    metadata["inferenceTime"] = f"{datetime.fromtimestamp(exchange.at, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"captureData": data, "eventMetadata": metadata, "eventVersion": "0"}


def _payload(config: CaptureConfig, mode: str, content_type: str | None, body: bytes) -> dict[str, Any]:
    encoding = config.encoding(content_type)
    try:
        data = b64encode(body).decode() if encoding == "BASE64" else body.decode()
    except UnicodeDecodeError:
        encoding, data = "BASE64", b64encode(body).decode()
    return {"observedContentType": content_type, "mode": mode, "data": data, "encoding": encoding}
