"""Load on one URL: wrk where it is installed, else the benchmarks' own caller, which costs more than a server."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.plane_load import load

WRK = shutil.which("wrk")
_SCRIPT = Path(__file__).with_name("wrk.lua")


class Body(NamedTuple):
    content_type: str
    text: bytes


def ask(
    url: str, body: Body, connections: int, seconds: float, cores: list[int], fast: bool
) -> dict[str, Any]:
    """requests, seconds, p50_ms, p99_ms; from these cores. Raises RuntimeError where one was not answered with 200.

    What is slow is asked by the benchmarks' own caller: wrk leaves unanswered, and so uncounted, what it asked last.
    """
    if WRK and fast and seconds >= 1:
        found = _wrk(WRK, url, body, connections, seconds, cores)
    else:
        found = load(
            url, connections, 10**9, seconds, body.text, echoed=False, content_type=body.content_type
        )
    if found["lost"] or not found["requests"]:
        raise RuntimeError(
            f"{found['lost']} of {found['requests']} requests to {url} were not answered with 200"
        )
    return found


def pinned(cores: list[int]) -> list[str]:
    """What a command begins with to run on these cores alone; nothing where that cannot be had."""
    taskset = shutil.which("taskset")
    return [taskset, "-c", ",".join(map(str, cores))] if taskset and cores else []


def _wrk(
    wrk: str, url: str, body: Body, connections: int, seconds: float, cores: list[int]
) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(body.text)
        file.flush()
        told = {"PATH": os.defpath, "BODY": file.name, "CONTENT_TYPE": body.content_type}
        command = [wrk, "-t1", f"-c{connections}", f"-d{math.ceil(seconds)}s", "-s", str(_SCRIPT), url]
        done = subprocess.run(
            [*pinned(cores), *command],
            env=told,
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds + 90,
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
