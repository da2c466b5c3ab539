"""A key for a port: the kernel drops what comes there without it, before any server or log sees a connection.

Each segment is signed (TCP_MD5SIG of tcp(7), RFC 2385), with one key at both ends. So the plane alone can ask a model's
server: no page of a browser, whatever it sends, and no other user of the machine. A server knows nothing of it.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path

LONGEST = 80  # TCP_MD5SIG_MAXKEYLEN, linux/tcp.h
_TCP_MD5SIG_EXT, _IS_PREFIX = 32, 1
_ADDRESS_BYTES = 128  # of struct sockaddr_storage
_SETTING = struct.Struct(
    "=BBHi80s"
)  # the rest of struct tcp_md5sig: flags, prefix length, key length, interface, key
_V4, _V6 = struct.pack("=HHI8x", socket.AF_INET, 0, 0), struct.pack("=HHI16xI", socket.AF_INET6, 0, 0, 0)
_MAPPED = struct.pack("=HHI10xH4xI", socket.AF_INET6, 0, 0, 0xFFFF, 0)
_LISTEN = "0A"  # st, proc_net_tcp in the kernel's documentation


def lock(endpoint: socket.socket, key: bytes) -> None:
    """Before it listens, or connects: whoever is at the other end needs the key. Raises OSError where it cannot be."""
    setting = _SETTING.pack(_IS_PREFIX, 0, len(key), 0, key)
    for peers in (_V4,) if endpoint.family == socket.AF_INET else (_MAPPED, _V6):
        address = peers.ljust(_ADDRESS_BYTES, b"\0")
        endpoint.setsockopt(socket.IPPROTO_TCP, _TCP_MD5SIG_EXT, address + setting)


def can_lock() -> bool:
    """Whether this kernel has it: those of the large distributions do, for routers need it."""
    with socket.socket() as tried:
        try:
            lock(tried, b"tried")
        except OSError:
            return False
    return True


def is_listened_on(port: int) -> bool:
    """By anybody. A port with a key does not refuse: what is sent to it when nobody listens gets no answer at all."""
    return any(
        line[3] == _LISTEN and int(line[1].rpartition(":")[2], 16) == port
        for name in ("tcp", "tcp6")
        for line in _lines(Path("/proc/net") / name)
    )


def _lines(file: Path) -> list[list[str]]:
    try:
        return [line.split() for line in file.read_text().splitlines()[1:]]
    except OSError:
        return []
