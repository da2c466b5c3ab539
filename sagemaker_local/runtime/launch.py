"""Becomes a container's program: gives itself a private /opt/ml and /tmp, then executes it.

Run as `python -I -S launch.py OPTIONS PROGRAM ARGUMENT...`, by process.py alone. OPTIONS is a JSON object:
`parent` (pid: when that process dies, so does this one), `network` (false: none but an own loopback), `cwd`, `ports`
(null, or a socket that takes the notices of bind and connect: own_ports.py) and `mounts`, null or `{opt_ml, tmp, keep,
hosts, folders, scratch}`: folders to see as /opt/ml and /tmp, names in the real /tmp that stay visible, a file to see
as /etc/hosts, and folders of the image `[source, target]` that are seen fresh, with what is changed in `scratch`.

It uses the standard library alone, because it starts with every program, and makes the system calls itself:
neither `unshare` nor `bwrap` need be installed.
"""

# Paths here are the kernel's, and every import delays a program.
# ruff: noqa: PTH102, PTH103, PTH112, PTH118, PTH120, PTH114, PTH115, PTH123, PTH208, PTH211

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
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h
# linux/seccomp.h and linux/audit.h: seccomp, bind and connect of each architecture
SET_MODE_FILTER, NEW_LISTENER, ALLOW, NOTIFY = 1, 1 << 3, 0x7FFF0000, 0x7FC00000
CALLS = {"x86_64": (0xC000003E, 317, 49, 42), "aarch64": (0xC00000B7, 277, 200, 203)}
CANNOT_EXECUTE, NOT_FOUND = 126, 127  # a shell's exit codes


def main(arguments: list[str]) -> int:
    """Never returns on success: the process becomes the program."""
    options, argv = json.loads(arguments[0]), arguments[1:]
    os.umask(0o022)  # a container's, whatever the plane's own is
    try:
        if options["mounts"]:
            make_private(**options["mounts"])
        if not options["network"]:
            leave_network()
        if options["ports"] is not None:
            tell_of_ports(options["ports"])
        os.chdir(options["cwd"])
        die_with(options["parent"])
        os.execvp(argv[0], argv)  # noqa: S606 - to become the program is the whole point
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


def make_private(
    opt_ml: str, tmp: str, keep: list[str], hosts: str | None, folders: list[list[str]], scratch: str
) -> None:
    """Enter a mount namespace of our own where /opt/ml, /tmp, /etc/hosts and the image are this container's."""
    _enter_namespace()
    _mount(None, "/", MS_REC | MS_PRIVATE)
    # by descriptor: these may lie in a folder of the image, which is about to be covered
    own_ml, own_tmp = (f"/proc/self/fd/{os.open(path, os.O_PATH)}" for path in (opt_ml, tmp))
    own_hosts = f"/proc/self/fd/{os.open(hosts, os.O_PATH)}" if hosts else None
    sources = [f"/proc/self/fd/{os.open(source, os.O_PATH)}" for source, _ in folders]
    changes = [os.path.join(scratch, str(number)) for number in range(len(folders))]
    for (_, target), source, change in zip(folders, sources, changes):  # noqa: B905 - of one length
        _make_place(target)
        _fresh(os.path.realpath(source), target, change)
    _make_place("/opt/ml")
    _mount(own_ml, "/opt/ml", MS_BIND | MS_REC)
    if own_hosts:
        _mount(own_hosts, "/etc/hosts", MS_BIND)
    _cover("/tmp", own_tmp, keep)  # noqa: S108 - the program's private one


def _make_place(target: str) -> None:
    """A folder to mount on; its missing parents are made on a tmpfs, so that the host gets none."""
    if os.path.isdir(target):
        return
    above = os.path.dirname(target)
    while not os.path.isdir(above):
        above = os.path.dirname(above)
    if above == "/":
        raise OSError(f"{target}: the host has no /{target.split('/')[1]}; choose a place below /opt")
    _cover(above, None, os.listdir(above))
    os.makedirs(target)


def _fresh(source: str, target: str, changes: str) -> None:
    """Show `source` as `target`; what is written there lies in `changes`, or in memory, and ends with us."""
    os.makedirs(changes, exist_ok=True)
    for in_memory in (False, True):
        try:
            if in_memory:
                _call("mount", b"tmpfs", changes.encode(), b"tmpfs", 0, b"mode=755")
            for name in ("upper", "work"):
                os.makedirs(os.path.join(changes, name), exist_ok=True)
            lower = source.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,")
            options = f"lowerdir={lower},upperdir={changes}/upper,workdir={changes}/work"
            _call("mount", b"overlay", target.encode(), b"overlay", 0, options.encode())
            return
        except OSError as error:
            reason = error
    if source != target:
        _mount(source, target, MS_BIND | MS_REC)
    print(f"{target} is shared with other containers on this host: {reason}", file=sys.stderr, flush=True)


def tell_of_ports(told: int) -> None:
    """From now on bind() and connect() are answered by whoever gets the listener that `told` sends."""
    arch, seccomp, *calls = CALLS[os.uname().machine]
    # load arch; another one is let be; load the call's number; bind and connect are notified of, all others allowed
    program = [(0x20, 0, 0, 4), (0x15, 0, 3, arch), (0x20, 0, 0, 0), (0x15, 2, 0, calls[0])]
    program += [(0x15, 1, 0, calls[1]), (0x06, 0, 0, ALLOW), (0x06, 0, 0, NOTIFY)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    listener = libc.syscall(seccomp, SET_MODE_FILTER, NEW_LISTENER, header)
    if listener < 0:  # without CAP_SYS_ADMIN a filter is only for those who gain no rights by executing
        _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        listener = libc.syscall(seccomp, SET_MODE_FILTER, NEW_LISTENER, header)
    if listener < 0:
        raise OSError(ctypes.get_errno(), f"seccomp: {os.strerror(ctypes.get_errno())}")
    with socket.socket(fileno=told) as channel:
        socket.send_fds(channel, [b"listener"], [listener])
    os.close(listener)


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
