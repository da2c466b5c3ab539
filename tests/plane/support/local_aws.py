"""The S3, CloudWatch, Logs and SNS beside a plane under test: MiniStack on a free port, in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.plane.support.harness import eventually

_MINISTACK = Path(__file__).parents[3] / ".venvs" / "ministack" / "bin" / "ministack"


@contextlib.contextmanager
def local_aws(folder: Path) -> Iterator[str]:
    """Its URL, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "TMPDIR": str(folder),
        "HOME": str(folder),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([_MINISTACK], cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: _answers(url))
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_ministack/health", trust_env=False).is_success
    except httpx.HTTPError:
        return False
