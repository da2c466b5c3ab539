"""Every server has ports of its own, as in a container: what it binds lies on a free port of loopback instead.

The kernel tells us of each bind() and connect() of the program (seccomp user notification, seccomp(2)); we take a
copy of its socket (pidfd_getfd(2)), bind or connect that, and answer for the call. Data then flows as without us:
only these two calls are slower. Two servers can so listen on 8080 at once, and both reach the network of the host.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import select
import socket
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sagemaker_local.runtime.port_key import lock

SERVING_PORT = 8080  # "your container needs to implement a web server that responds ... on port 8080"
_RECEIVE, _SEND = 0xC0502100, 0xC0182101  # SECCOMP_IOCTL_NOTIF_RECV and _SEND, linux/seccomp.h
_NOTICE, _ANSWER, _NOTICE_BYTES = struct.Struct("=QIIiIQ6Q"), struct.Struct("=QqiI"), 80
_GO_ON = 1  # SECCOMP_USER_NOTIF_FLAG_CONTINUE: the kernel does what was asked
_PIDFD_GETFD = 438
_BINDS = (
    49,
    200,
)  # __NR_bind of x86_64 and aarch64; the filter lets no other call than connect() through to us
_LONGEST_ADDRESS = 28
_LOOK_MILLISECONDS = 500


class Address(NamedTuple):
    """An internet address of a call."""

    host: str
    port: int


class OwnPorts:
    """The ports of one program. `real` says where on loopback each lies; 8080 lies on `port`.

    key: what the other end of each connection needs (port_key.py); empty for none.
    """

    def __init__(self, port: int, another: Callable[[], int], key: bytes = b"") -> None:
        self.key = key
        self.real = {SERVING_PORT: port}
        self.bound: list[int] = []
        self._another = another
        self._hosts = {"0.0.0.0", "127.0.0.1", "::", "::1"}  # noqa: S104 - compared, not bound
        self._ours, self.theirs = socket.socketpair()
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin to answer, in a thread of its own; `theirs` is the program's end."""
        self.theirs.close()
        threading.Thread(target=self._serve, name="own ports", daemon=True).start()

    def abandon(self) -> None:
        """There is no program: nobody was started, and nobody will ask."""
        self._ours.close()
        self.theirs.close()

    def close(self) -> None:
        self._ended.set()
        self.theirs.close()

    def _serve(self) -> None:
        with self._ours:
            _, found, _, _ = socket.recv_fds(self._ours, 1, 1)
        if not found:
            return  # it ended before it came so far
        notices = found[0]
        try:
            watch = select.poll()
            watch.register(notices, select.POLLIN)
            while not self._ended.is_set():
                for _, event in watch.poll(_LOOK_MILLISECONDS):
                    if not event & select.POLLIN:
                        return  # nobody is left to ask
                    self._answer_one(notices)
        finally:
            os.close(notices)

    def _answer_one(self, notices: int) -> None:
        notice = bytearray(_NOTICE_BYTES)
        try:
            fcntl.ioctl(notices, _RECEIVE, notice)
        except OSError:
            return  # it was killed while it asked
        number, thread, _, call, _, _, *arguments = _NOTICE.unpack_from(notice)
        try:
            done = self._stand_in(thread, is_bind=call in _BINDS, arguments=arguments)
            answer = _ANSWER.pack(number, 0, 0, 0 if done else _GO_ON)
        except OSError as error:
            answer = _ANSWER.pack(number, 0, -(error.errno or errno.EINVAL), 0)
        try:
            fcntl.ioctl(notices, _SEND, answer)
        except OSError:
            return

    def _stand_in(self, thread: int, *, is_bind: bool, arguments: list[int]) -> bool:
        """Do the call on a copy of the socket; False when it is none of ours. Raises what the caller is to get."""
        descriptor, place, length, *_ = arguments
        asked = _address(_read(thread, place, min(length, _LONGEST_ADDRESS)))
        if asked is None or asked.port == 0:
            return False
        if not is_bind and not (asked.port in self.bound and asked.host in self._hosts):
            return False
        with _copy(thread, descriptor) as copy:
            if copy.type != socket.SOCK_STREAM:
                return False
            if is_bind:
                self._bind(copy, asked)
            else:
                self._lock(copy)
                copy.connect(_loopback(copy, self.real[asked.port]))
        return True

    def _bind(self, copy: socket.socket, asked: Address) -> None:
        if asked.port not in self.real:
            self.real[asked.port] = self._another()
        self._lock(copy)
        copy.bind(_loopback(copy, self.real[asked.port]))
        self._hosts.add(asked.host)
        if asked.port not in self.bound:
            self.bound.append(asked.port)

    def _lock(self, copy: socket.socket) -> None:
        if self.key:
            lock(copy, self.key)


def _address(raw: bytes) -> Address | None:
    """A sockaddr of IPv4 or IPv6; None for others."""
    if len(raw) < 8:
        return None
    (family,) = struct.unpack_from("=H", raw)
    (port,) = struct.unpack_from("!H", raw, 2)
    if family == socket.AF_INET:
        return Address(socket.inet_ntop(family, raw[4:8]), port)
    if family == socket.AF_INET6 and len(raw) >= 24:
        return Address(socket.inet_ntop(family, raw[8:24]).removeprefix("::ffff:"), port)
    return None


def _loopback(copy: socket.socket, port: int) -> tuple[str, int]:
    if copy.family == socket.AF_INET:
        return "127.0.0.1", port
    is_v6_only = copy.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    return ("::1" if is_v6_only else "::ffff:127.0.0.1"), port


def _read(thread: int, place: int, length: int) -> bytes:
    with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:
        memory.seek(place)
        return memory.read(length)


def _copy(thread: int, descriptor: int) -> socket.socket:
    """The program's own socket, by a descriptor of ours: what is done to one is done to the other."""
    process = os.pidfd_open(_leader(thread))
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        found = libc.syscall(_PIDFD_GETFD, process, ctypes.c_int(descriptor), 0)
        if found < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")
        return _wrapped(found)
    finally:
        os.close(process)


def _wrapped(descriptor: int) -> socket.socket:
    """Without its mode changed: a new socket object would make it blocking, for the program too."""
    is_blocking = os.get_blocking(descriptor)
    copy = socket.socket(fileno=descriptor)
    os.set_blocking(descriptor, is_blocking)
    return copy


def _leader(thread: int) -> int:
    for line in Path(f"/proc/{thread}/status").read_text().splitlines():
        if line.startswith("Tgid:"):
            return int(line.split()[1])
    return thread


def listening(group: int) -> list[int]:
    """The TCP ports that the processes of a group listen on, where the kernel shows them."""
    if sys.platform != "linux":
        return []
    inodes = {inode for pid in of_group(group) for inode in _sockets(pid)}
    lines = [line.split() for name in ("tcp", "tcp6") for line in _lines(Path("/proc/net") / name)[1:]]
    # local_address, st (0A: LISTEN) and inode: proc_net_tcp in the kernel's documentation
    return sorted(
        {int(line[1].rpartition(":")[2], 16) for line in lines if line[3] == "0A" and line[9] in inodes}
    )


def of_group(group: int) -> list[int]:
    """The processes of a group; none where there is no /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        text = "".join(_lines(folder / "stat"))
        fields = text.rpartition(")")[2].split()
        if len(fields) > 2 and int(fields[2]) == group:
            found.append(int(folder.name))
    return found


def _sockets(pid: int) -> list[str]:
    found = []
    try:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            found.append(str(descriptor.readlink()))
    except OSError:
        pass  # it has ended, or is not ours to look at
    return [each[8:-1] for each in found if each.startswith("socket:[")]


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except OSError:
        return []
