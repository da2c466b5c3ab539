"""A ledger of running programs, so that none outlives the plane, not even one killed with SIGKILL.

Each program has a folder `<ledger>/<token>/` with its `process.json` and its private `tmp/`. The token is
also in the program's environment, so that children that left its process group are found too.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import shutil
import signal
import uuid
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

TOKEN = "SAGEMAKER_LOCAL_PROGRAM"  # noqa: S105 - the name of a variable, not a secret
_PROC = Path("/proc")


class DataDirInUseError(OSError):
    """Another plane works in the same data directory."""


class Ledger:
    """The programs of one plane, recorded in `folder`. Only one plane may hold a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(folder / "lock")

    def open(self) -> tuple[str, Path]:
        """A new token and its folder, with an empty `tmp/`."""
        token = uuid.uuid4().hex
        folder = self._folder / token
        (folder / "tmp").mkdir(parents=True)
        return token, folder

    def record(self, token: str, pid: int) -> None:
        identity = {"pid": pid, "started": _started(pid), "boot": _boot()}
        (self._folder / token / "process.json").write_text(json.dumps(identity))

    def close_entry(self, token: str) -> None:
        """Kill whatever still carries the token, and forget it."""
        kill_bearers(token)
        for change in (self._folder / token).glob("changes/*/work"):
            with contextlib.suppress(OSError):
                (change / "work").chmod(0o700)  # overlayfs takes all rights from it
        shutil.rmtree(self._folder / token, ignore_errors=True)

    def kill_leftovers(self) -> int:
        """Kill the programs that a plane before this one left behind; returns how many had one alive."""
        killed = 0
        for folder in [path for path in self._folder.iterdir() if path.is_dir()]:
            killed += _kill_leader(folder / "process.json") or bool(kill_bearers(folder.name))
            self.close_entry(folder.name)
        if killed:
            log.warning("killed %d programs that an earlier plane left running", killed)
        return killed

    def release(self) -> None:
        self._lock.close()


def kill_bearers(token: str) -> int:
    """SIGKILL every process whose environment carries `token`; returns their number."""
    mark, killed = f"{TOKEN}={token}".encode(), 0
    for entry in _PROC.glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in entry.read_bytes().split(b"\0"):
                os.kill(int(entry.parent.name), signal.SIGKILL)
                killed += 1
    return killed


def _kill_leader(record: Path) -> bool:
    """Kill the recorded process group, if its leader is still the very process that was recorded."""
    try:
        identity = json.loads(record.read_text())
    except (OSError, ValueError):
        return False
    pid, started = int(identity["pid"]), identity["started"]
    if started is None or (started, _boot()) != (_started(pid), identity["boot"]):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    return True


def _started(pid: int) -> str | None:
    """When the kernel started the process, in clock ticks since boot: with the pid it names one process."""
    try:
        after_name = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if after_name[0] == "Z" else after_name[19]  # state and starttime, proc(5)


def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _lock(path: Path) -> IO[str]:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise DataDirInUseError(
            f"{path.parent} is used by another running plane; stop that one or choose another --data-dir"
        ) from error
    return file
