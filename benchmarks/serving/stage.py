"""Servers to compare: each a process of its own, its cost the CPU time of its whole process tree."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.serving.load import Body, ask, pinned

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90
CORES = sorted(os.sched_getaffinity(0))
CALLER, SERVER = CORES[:1], CORES[-1:]  # one core each, the same one where there is no other


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    url: str
    process: psutil.Process
    start_cpu_seconds: float

    def cpu_seconds(self) -> dict[int, float]:
        """User and system time of the process and each of its children, by process id."""
        return {each.pid: _cpu_seconds(each) for each in self._tree()}

    def megabytes(self) -> float:
        """Memory of the whole tree, what is shared counted once (proportional set size)."""
        return float(sum(each.memory_full_info().pss for each in self._tree()) / 2**20)

    def ask(self, body: Body, connections: int, seconds: float, fast: bool) -> dict[str, Any]:
        """Load for some seconds: rps, p50_ms, p99_ms, cpu_us a request, busiest_us a request of the busiest process."""
        before = self.cpu_seconds()
        found = ask(self.url, body, connections, seconds, CALLER, fast)
        spent = [after - before[pid] for pid, after in self.cpu_seconds().items()]
        found["cpu_us"] = 1e6 * sum(spent) / found["requests"]
        found["busiest_us"] = 1e6 * max(spent) / found["requests"]
        found["rps"] = found["requests"] / found["seconds"]
        return found

    def scores(self, body: Body) -> list[float]:
        """What it answers, whatever the form."""
        answer = httpx.post(
            self.url, content=body.text, headers={"Content-Type": body.content_type}, timeout=60
        )
        answer.raise_for_status()
        if "json" not in answer.headers["content-type"]:
            return [float(line) for line in answer.text.split()]
        return _numbers(json.loads(answer.text))

    def _tree(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextlib.contextmanager
def server(
    command: list[str | Path],
    environment: Mapping[str, str],
    ping: str = "/ping",
    path: str = "/invocations",
    cores: list[int] = SERVER,
) -> Iterator[Server]:
    """Start it on a free port, told by SAGEMAKER_BIND_TO_PORT, on these cores, and stop it at the end."""
    port = free_port()
    given = {"PATH": os.defpath, "SAGEMAKER_BIND_TO_PORT": str(port), **environment}
    filled = [str(part).replace("{port}", str(port)) for part in command]
    with (
        tempfile.TemporaryFile() as printed,
        subprocess.Popen(
            [*pinned(cores), *filled],
            env=given,
            cwd=ROOT,
            stdout=printed,
            stderr=printed,
            start_new_session=True,
        ) as process,
    ):
        try:
            if not _pings(f"http://127.0.0.1:{port}{ping}", process):
                printed.seek(0)
                raise RuntimeError(
                    f"{filled} did not start: {printed.read()[-3000:].decode(errors='replace')}"
                )
            running = Server(f"http://127.0.0.1:{port}{path}", psutil.Process(process.pid), 0)
            yield Server(running.url, running.process, sum(running.cpu_seconds().values()))
        finally:
            _stop(process)


def _cpu_seconds(process: psutil.Process) -> float:
    """Of all its threads, by the scheduler in nanoseconds; where it does not tell, in ticks of the clock."""
    try:
        told = list(Path(f"/proc/{process.pid}/task").glob("*/schedstat"))
        return sum(int(each.read_text().split()[0]) for each in told) / 1e9 if told else _ticks(process)
    except (FileNotFoundError, ProcessLookupError):  # a thread ended meanwhile
        return _cpu_seconds(process)


def _ticks(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # the session that was begun for it


def _pings(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether it answers before the time is up; it is asked ten times a second, which costs it little."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, timeout=5).is_success:
                return True
        time.sleep(0.1)
    return False


def _numbers(document: Any) -> list[float]:
    """The numbers of an answer in JSON: a list, or a list behind the only key that holds one."""
    if isinstance(document, dict):
        given = document.get("predictions", document.get("outputs"))
        return [float(value) for value in (given[0]["data"] if "outputs" in document else given)]
    return [float(value) for value in document]
