"""An object becomes records, records become payloads. No more than one payload is held at a time.

Payloads hold records as the object has them, frames of binary formats included; only with SingleRecord "padding
is removed", and the payload is the bare record.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

_RECORD_IO_MAGIC = 0xCED7230A
_LENGTH_BITS = 29


class RecordError(Exception):
    """The object cannot be split into payloads; the text says where and why."""


@dataclass(frozen=True)
class Record:
    """One record: as the object has it, and without its frame."""

    framed: bytes
    bare: bytes


def payloads(
    content: BinaryIO, split_type: str, *, is_multi_record: bool, limit: int | None
) -> Iterator[list[bytes]]:
    """The records of each request, in the object's order. An empty object has none.

    limit: bytes of a payload. A record beyond it is a RecordError: "Exceeding the MaxPayloadInMB limit causes
    an error".
    """
    records = _SPLITTERS[split_type](content, limit)
    if split_type == "None" or not is_multi_record:
        yield from ([record.bare] for record in records)
        return
    batch: list[bytes] = []
    size = 0
    for record in records:
        if batch and limit is not None and size + len(record.framed) > limit:
            yield batch
            batch, size = [], 0
        batch.append(record.framed)
        size += len(record.framed)
    if batch:
        yield batch


def _whole(content: BinaryIO, limit: int | None) -> Iterator[Record]:
    body = _read(content, None, limit)
    if body:
        yield Record(body, body)


def _lines(content: BinaryIO, limit: int | None) -> Iterator[Record]:
    """Blank lines are no records."""
    for line in iter(partial(content.readline, -1 if limit is None else limit + 1), b""):
        _require_within(len(line), limit)
        if bare := line.rstrip(b"\r\n"):
            yield Record(line, bare)


def _record_io(content: BinaryIO, limit: int | None) -> Iterator[Record]:
    """MXNet's RecordIO: magic, 3 bits of continuation and 29 of length, the record, padded to 4 bytes."""
    while head := content.read(8):
        magic, word = struct.unpack("<II", _full(head, 8))
        if magic != _RECORD_IO_MAGIC:
            raise RecordError("the object is not in RecordIO format: a record does not begin with its magic")
        length = word & ((1 << _LENGTH_BITS) - 1)
        body = _read(content, length + -length % 4, limit)
        yield Record(head + body, body[:length])


def _tf_record(content: BinaryIO, limit: int | None) -> Iterator[Record]:
    """TensorFlow's TFRecord: 8 bytes of length, 4 of checksum, the record, 4 of checksum."""
    while head := content.read(12):
        (length,) = struct.unpack("<Q", _full(head, 12)[:8])
        body = _read(content, length + 4, limit)
        yield Record(head + body, body[:-4])


_SPLITTERS: dict[str, Callable[[BinaryIO, int | None], Iterator[Record]]] = {
    "None": _whole,
    "Line": _lines,
    "RecordIO": _record_io,
    "TFRecord": _tf_record,
}


def _read(content: BinaryIO, size: int | None, limit: int | None) -> bytes:
    """`size` bytes (None: all that is left); never more than fit into a payload."""
    if size is None:
        body = content.read(-1 if limit is None else limit + 1)
        _require_within(len(body), limit)
        return body
    _require_within(size, limit)
    return _full(content.read(size), size)


def _full(data: bytes, size: int) -> bytes:
    if len(data) < size:
        raise RecordError("the object ends in the middle of a record")
    return data


def _require_within(size: int, limit: int | None) -> None:
    if limit is not None and size > limit:
        raise RecordError(
            f"a record is larger than MaxPayloadInMB ({limit} bytes); raise it, or split the object (SplitType)"
        )
