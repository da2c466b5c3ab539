"""Servers to compare: each a process of its own, its cost the CPU time of its whole process tree."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.plane_load import load

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60
WARM_REQUESTS = 200


@dataclass(frozen=True)
class Server:
    """A server that answers /ping and /invocations."""

    url: str
    process: psutil.Process
    start_cpu_seconds: float

    def cpu_seconds(self) -> float:
        """User and system time of the process and all its children."""
        times = [each.cpu_times() for each in (self.process, *self.process.children(recursive=True))]
        return float(sum(each.user + each.system for each in times))

    def ask(self, body: bytes, connections: int, seconds: float) -> dict[str, Any]:
        """Load for some seconds: rps, p50_ms, p99_ms, cpu_us a request. Every request must be answered with 200."""
        self._load(body, connections, WARM_REQUESTS, seconds)
        before = self.cpu_seconds()
        found = self._load(body, connections, 10**9, seconds)
        found["cpu_us"] = 1e6 * (self.cpu_seconds() - before) / found["requests"]
        found["rps"] = found["requests"] / found["seconds"]
        return found

    def _load(self, body: bytes, connections: int, requests: int, seconds: float) -> dict[str, Any]:
        found = load(f"{self.url}/invocations", connections, requests, seconds, body, echoed=False)
        if found["lost"]:
            raise RuntimeError(f"{found['lost']} requests were not answered with 200: {found['wrong']}")
        return found


@contextlib.contextmanager
def server(command: list[str | Path], environment: Mapping[str, str]) -> Iterator[Server]:
    """Start it on a free port, told by SAGEMAKER_BIND_TO_PORT, and stop it at the end."""
    port = _free_port()
    given = {"PATH": os.defpath, "SAGEMAKER_BIND_TO_PORT": str(port), **environment}
    with subprocess.Popen(command, env=given, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _await_ping(url, process)
            times = psutil.Process(process.pid).cpu_times()
            yield Server(url, psutil.Process(process.pid), times.user + times.system)
        finally:
            process.terminate()


def _await_ping(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{url}/ping", timeout=5)
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} did not answer /ping: exit code {process.poll()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
