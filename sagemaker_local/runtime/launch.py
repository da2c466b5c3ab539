"""Becomes a container's programme: gives itself a private /opt/ml and /tmp, then executes it.

Run as `python -I -S launch.py OPTIONS PROGRAMME ARGUMENT...`, by process.py alone. OPTIONS is a JSON object:
`parent` (pid: when that process dies, so does this one), `network` (false: none but an own loopback) and `mounts`,
null or `{opt_ml, tmp, keep, hosts}`: folders to see as /opt/ml and /tmp, names in the real /tmp that stay visible, a
file to see as /etc/hosts.

It uses the standard library alone, because it starts with every programme, and makes the system calls itself:
neither `unshare` nor `bwrap` need be installed.
"""

# Paths here are the kernel's, and every import delays a programme.
# ruff: noqa: PTH102, PTH112, PTH114, PTH115, PTH123, PTH208, PTH211

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterable
from typing import Any

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000  # linux/sched.h
IFF_UP, SIOCSIFFLAGS = 1, 0x8914  # linux/if.h, linux/sockios.h
MS_BIND, MS_REC, MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18  # linux/mount.h
PR_SET_PDEATHSIG = 1  # linux/prctl.h
CANNOT_EXECUTE, NOT_FOUND = 126, 127  # a shell's exit codes


def main(arguments: list[str]) -> int:
    """Never returns on success: the process becomes the programme."""
    options, argv = json.loads(arguments[0]), arguments[1:]
    try:
        if options["mounts"]:
            make_private(**options["mounts"])
        if not options["network"]:
            leave_network()
        die_with(options["parent"])
        os.execvp(argv[0], argv)  # noqa: S606 - to become the programme is the whole point
    except FileNotFoundError as error:
        return _give_up(NOT_FOUND, f"cannot run {argv[0]}: {error}")
    except OSError as error:
        return _give_up(CANNOT_EXECUTE, f"cannot run {argv[0]}: {error}")


def _give_up(code: int, message: str) -> int:
    print(message, file=sys.stderr, flush=True)
    return code


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent` ends, however it ends."""
    if sys.platform != "linux":
        return
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def make_private(opt_ml: str, tmp: str, keep: list[str], hosts: str | None) -> None:
    """Enter a mount namespace of our own where /opt/ml, /tmp and /etc/hosts are this container's."""
    _enter_namespace()
    _mount(None, "/", MS_REC | MS_PRIVATE)
    if not os.path.isdir("/opt/ml"):
        _cover("/opt", None, os.listdir("/opt"))
        os.mkdir("/opt/ml")
    _mount(opt_ml, "/opt/ml", MS_BIND | MS_REC)
    if hosts:
        _mount(hosts, "/etc/hosts", MS_BIND)
    _cover("/tmp", tmp, keep)  # noqa: S108 - the programme's private one


def leave_network() -> None:
    """Enter a network of our own, with a loopback and nothing else; a host that cannot do it is told in the log."""
    try:
        _enter_namespace(CLONE_NEWNET)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))
    except OSError as error:
        print(f"no network isolation on this host: {error}", file=sys.stderr, flush=True)


def _enter_namespace(kind: int = CLONE_NEWNS) -> None:
    """As root directly; as a user through a user namespace in which we are root, as in a container."""
    try:
        _call("unshare", kind)
        return
    except PermissionError:
        uid, gid = os.geteuid(), os.getegid()
    _call("unshare", CLONE_NEWUSER | kind)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _cover(folder: str, source: str | None, keep: Iterable[str]) -> None:
    """Lay `source` (None: an empty tmpfs) over `folder`; the entries `keep` of the old one stay visible."""
    below = os.open(folder, os.O_PATH)
    names = [name for name in keep if os.path.lexists(f"/proc/self/fd/{below}/{name}")]
    if source:
        _mount(source, folder, MS_BIND | MS_REC)
    else:
        _call("mount", b"tmpfs", folder.encode(), b"tmpfs", 0, b"mode=755")
    for name in names:
        _show_again(f"/proc/self/fd/{below}/{name}", f"{folder}/{name}")
    os.close(below)


def _show_again(source: str, target: str) -> None:
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
        return
    if os.path.isdir(source):
        os.mkdir(target)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    _mount(source, target, MS_BIND | MS_REC)


def _mount(source: str | None, target: str, flags: int) -> None:
    _call("mount", source.encode() if source else None, target.encode(), None, flags, None)


def _call(name: str, *arguments: Any) -> None:
    """A system call by libc; raises OSError with its errno."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*(ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
