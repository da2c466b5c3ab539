"""Pipe input mode: the data of a channel comes through a named pipe, and again for each epoch.

The program opens /opt/ml/input/data/<channel>_0 and reads to its end, then <channel>_1 for the next epoch, as often
as it likes: "a Linux named pipe (FIFO) for each channel and epoch" (Developer Guide, Access Training Data).
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import os
import random
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.jobs.channels import (
    DataError,
    DataObject,
    nothing_there,
    objects_of,
    share_of,
)
from sagemaker_local.s3_uri import S3UriError, split_uri
from sagemaker_local.store import Document
from sagemaker_local.wording import in_words

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK = 1 << 20
_WAKE_SECONDS = 0.05
_RECORD_MAGIC = 0xCED7230A  # MXNet's RecordIO, whose lengths have 29 bits
_MAX_RECORD = (1 << 29) - 1


class RecordError(Exception):
    """An object that does not fit into a record."""


Piece = DataObject | bytes
Entry = Sequence[Piece]  # what one object, or one line of an augmented manifest, brings


@dataclass(frozen=True)
class Channel:
    """What goes through the pipes of one channel. `seed`: of ShuffleConfig.

    entries: of all hosts; a sharded channel gives host number `host` of `hosts` its part of them.
    """

    name: str
    source: Document
    entries: tuple[Entry, ...]
    is_recordio: bool
    is_gzip: bool
    host: int = 0
    hosts: int = 1
    seed: int | None = None

    def order(self, epoch: int) -> list[Entry]:
        """The entries of one epoch of this host.

        "The shuffling order is determined using the Seed value", and is another one in each epoch. With
        ShardedByS3Key "the data is shuffled across nodes": the hosts shuffle alike, and then take their parts.
        """
        entries = list(self.entries)
        if self.seed is not None:
            random.Random(f"{self.seed}/{epoch}").shuffle(entries)  # noqa: S311 - an order, no secret
        return share_of(self.source, entries, self.host, self.hosts)


def read_channel(s3: S3Client, channel: Document, host: int, hosts: int) -> Channel:
    """A channel in Pipe mode, for host number `host` of `hosts`. Blocks; raises DataError."""
    source = channel["DataSource"]["S3DataSource"]
    try:
        if source["S3DataType"] == "AugmentedManifestFile":
            entries: list[Entry] = list(_augmented(s3, source["S3Uri"], source["AttributeNames"]))
        else:
            entries = [(each,) for each in objects_of(s3, source)]
    except (BotoCoreError, ClientError, S3UriError) as error:
        raise DataError(f"Data download failed:{in_words(error)}") from error
    if not entries:
        raise DataError(nothing_there(source["S3Uri"]))
    return Channel(
        name=channel["ChannelName"],
        source=source,
        entries=tuple(entries),
        is_recordio=channel.get("RecordWrapperType") == "RecordIO",
        is_gzip=channel.get("CompressionType") == "Gzip",
        host=host,
        hosts=hosts,
        seed=channel.get("ShuffleConfig", {}).get("Seed"),
    )


def _augmented(s3: S3Client, uri: str, attributes: Sequence[str]) -> Iterator[Entry]:
    """One JSON object a line; an attribute `...-ref` names an object in S3, any other one is itself the data."""
    bucket, key = split_uri(uri)
    lines = s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines()
    for number, line in enumerate(filter(bytes.strip, lines), 1):
        try:
            found: dict[str, Any] = json.loads(line)
            yield [_piece(name, found[name]) for name in attributes]
        except (ValueError, TypeError, KeyError) as error:
            raise DataError(
                f"{uri}, line {number}: not a JSON object with the attributes {', '.join(attributes)}"
            ) from error


def _piece(attribute: str, value: Any) -> Piece:
    if attribute.endswith("-ref"):
        bucket, key = split_uri(value)
        return DataObject(bucket, key, PurePosixPath(key))
    return (value if isinstance(value, str) else json.dumps(value)).encode()


class Pipe(threading.Thread):
    """Feeds one channel on one host, epoch after epoch, until `close`. `error` says why it could not."""

    def __init__(self, s3: S3Client, channel: Channel, folder: Path) -> None:
        super().__init__(name=f"pipe {channel.name}", daemon=True)
        self.error: str | None = None
        self._s3 = s3
        self._channel = channel
        self._folder = folder
        self._closed = threading.Event()
        self._make(0)

    def close(self) -> None:
        """Let go of a program that has ended: nobody reads any more."""
        self._closed.set()
        while self.is_alive():
            self._wake()
            self.join(_WAKE_SECONDS)

    def _wake(self) -> None:
        """A writer waits in open() until there is a reader: be one for a moment."""
        for path in self._folder.glob(f"{self._channel.name}_*"):
            if path.is_fifo():
                with contextlib.suppress(OSError):
                    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))

    def run(self) -> None:
        for epoch in itertools.count():
            self._make(epoch + 1)  # before the end of this one: the program may look for it at once
            path = self._path(epoch)
            with path.open("wb", buffering=0) as pipe:  # waits for the reader
                path.unlink()  # an epoch is read once
                self._feed(pipe.fileno(), epoch)
            if self._closed.is_set() or self.error:
                return

    def _feed(self, pipe: int, epoch: int) -> None:
        """All entries of one epoch. An error is told before the reader comes to the end of the pipe."""
        try:
            for piece in itertools.chain.from_iterable(self._channel.order(epoch)):
                for chunk in self._content(piece):
                    if self._closed.is_set():
                        return
                    _write_all(pipe, chunk)
        except BrokenPipeError:
            return  # the program has read enough of this epoch
        except (BotoCoreError, ClientError, OSError) as error:
            self.error = f"Data download failed:{in_words(error)}"
        except (EOFError, zlib.error, RecordError) as error:
            self.error = f"Data download failed:{error}"

    def _content(self, piece: Piece) -> Iterator[bytes]:
        chunks = iter([piece]) if isinstance(piece, bytes) else self._fetched(piece)
        return iter([_record(b"".join(chunks))]) if self._channel.is_recordio else chunks

    def _fetched(self, each: DataObject) -> Iterator[bytes]:
        body = self._s3.get_object(Bucket=each.bucket, Key=each.key)["Body"]
        if not self._channel.is_gzip:
            yield from body.iter_chunks(_CHUNK)
            return
        with gzip.GzipFile(fileobj=body) as unpacked:
            while chunk := unpacked.read(_CHUNK):
                yield chunk

    def _make(self, epoch: int) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkfifo(self._path(epoch))

    def _path(self, epoch: int) -> Path:
        return self._folder / f"{self._channel.name}_{epoch}"


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _record(data: bytes) -> bytes:
    """One RecordIO record: magic, length, data, and zeros up to a multiple of 4 bytes."""
    if len(data) > _MAX_RECORD:
        raise RecordError(f"an object of {len(data)} bytes does not fit into one RecordIO record")
    return struct.pack("<II", _RECORD_MAGIC, len(data)) + data + b"\0" * (-len(data) % 4)
