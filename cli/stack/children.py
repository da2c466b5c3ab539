"""Processes that outlive the command that started them, known by pid and start time.

A pid alone is no name: it is given to another process once the first has gone. Only a process whose pid and start time
are both ours is ever signalled.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

START_TIME_TOLERANCE_SECONDS = 0.5
PRIVATE_UMASK = 0o077
_started_here: dict[int, subprocess.Popen[bytes]] = {}  # kept, so that an ended one is reaped by us


@dataclass(frozen=True)
class Child:
    """A detached process: its pid, and when the kernel says it started (seconds since the epoch)."""

    pid: int
    started: float

    def process(self) -> psutil.Process | None:
        """The process, while it runs and still is the one that we started."""
        if self.pid in _started_here:
            _started_here[self.pid].poll()
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < START_TIME_TOLERANCE_SECONDS
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    @property
    def is_running(self) -> bool:
        return self.process() is not None

    def listens_on(self, port: int) -> bool:
        """Whether it is this process that answers on the port, and not a stranger."""
        process = self.process()
        try:
            sockets = process.net_connections("tcp") if process else []
        except psutil.NoSuchProcess:
            return False
        return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in sockets)


def start(command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> Child:
    """Starts a process in a session of its own; its output goes to the end of `log`. What it writes is private."""
    with log.open("ab") as output:
        popen = subprocess.Popen(
            list(command),
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=PRIVATE_UMASK,
        )
    _started_here[popen.pid] = popen
    return Child(popen.pid, psutil.Process(popen.pid).create_time())


def marked(variable: str, value: str) -> list[Child]:
    """Processes of this user that were started with this variable: for when what was written down is lost."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(variable) == value:
                found.append(Child(process.pid, process.create_time()))
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def stop(child: Child, grace_seconds: float) -> bool:
    """TERM, wait, then KILL what is left of it and its descendants. True if TERM was enough."""
    process = child.process()
    if process is None:
        return True
    try:
        family = process.children(recursive=True)
        process.terminate()
    except psutil.NoSuchProcess:
        return True
    gone = _wait(child, grace_seconds)
    if not gone:
        family += process.children(recursive=True) if process.is_running() else []
        _kill([process])
        _wait(child, 5.0)
    _kill(family)
    return gone


def _wait(child: Child, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while child.is_running:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        try:
            if process.is_running() and process.pid != os.getpid():  # is_running compares start times
                process.kill()
        except psutil.NoSuchProcess:
            continue
