"""application/vnd.amazon.eventstream: how AWS frames the parts of a streamed answer.

A message is: total length, length of its headers, CRC of these two; headers; payload; CRC of all before. Lengths and
CRC-32 are 4 bytes, big-endian. A header is: length of the name, name, type 7 (string), length, value.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7
_AROUND = 16  # the two lengths and the two checksums


def payload_part(content: bytes) -> bytes:
    """One PayloadPart event."""
    headers = {
        ":event-type": "PayloadPart",
        ":content-type": "application/octet-stream",
        ":message-type": "event",
    }
    return message(headers, content)


def exception(name: str, body: bytes) -> bytes:
    """The end of a stream by an error: ModelStreamError or InternalStreamFailure; body is JSON."""
    headers = {
        ":exception-type": name,
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return message(headers, body)


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message with string headers."""
    packed = b"".join(_header(name.encode(), value.encode()) for name, value in headers.items())
    prelude = struct.pack(">II", _AROUND + len(packed) + len(payload), len(packed))
    body = prelude + struct.pack(">I", zlib.crc32(prelude)) + packed + payload
    return body + struct.pack(">I", zlib.crc32(body))


def _header(name: bytes, value: bytes) -> bytes:
    return struct.pack(">B", len(name)) + name + struct.pack(">BH", _STRING, len(value)) + value
