"""`python -m sagemaker_local` as its users start it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import patience
from tests.plane.support.harness import eventually

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class RunningPlane:
    url: str
    pid: int


@contextlib.contextmanager
def running_plane(folder: Path, aws_url: str, *images: Path, **variables: str) -> Iterator[RunningPlane]:
    """Until the block ends. `folder` has its data and its log."""
    folder.mkdir(exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "AWS_ENDPOINT_URL": aws_url, **variables}
    files = [word for file in images for word in ("--images", str(file))]
    log = folder / "plane.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sagemaker_local", "--data-dir", str(folder / "data"), *files],
            env=environment,
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
    try:
        eventually(lambda: process.poll() is not None or "listens on" in log.read_text())
        assert process.poll() is None, log.read_text()
        yield RunningPlane(log.read_text().split("listens on ")[1].split(",")[0], process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(patience.SECONDS)
