"""A local AWS for the session, and a plane with fakes behind its seams for each test."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sagemaker_local.archive import pack
from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.control.fakes import FakeBackend, FakeTraffic
from tests.plane.control.harness import BUCKET, IMAGE, Harness, client, eventually, serve, settings_in
from tests.plane.control.process import Process

_MINISTACK = Path(__file__).parents[3] / ".venvs" / "ministack" / "bin" / "ministack"


@pytest.fixture(scope="session")
def aws_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """S3, CloudWatch and Logs: MiniStack on a free port."""
    folder = tmp_path_factory.mktemp("aws")
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
        eventually(lambda: _answers(url), seconds=60)
        client("s3", url).create_bucket(Bucket=BUCKET)
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


@pytest.fixture
def s3(aws_url: str) -> Any:
    return client("s3", aws_url)


@pytest.fixture
def backend() -> FakeBackend:
    fake = FakeBackend()
    fake.images[IMAGE] = succeed
    return fake


@pytest.fixture
def traffic() -> FakeTraffic:
    return FakeTraffic()


@pytest.fixture
def plane(tmp_path: Path, aws_url: str, backend: FakeBackend, traffic: FakeTraffic) -> Iterator[Harness]:
    with serve(settings_in(tmp_path / "plane", aws_url), backend, traffic) as harness:
        yield harness


@pytest.fixture
def sm(plane: Harness) -> Any:
    return plane.sm


@pytest.fixture
def process(tmp_path: Path, aws_url: str, s3: Any) -> Iterator[Process]:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.json").write_text("{}")
    pack(tmp_path / "model", tmp_path / "model.tar.gz")
    s3.upload_file(str(tmp_path / "model.tar.gz"), BUCKET, "model.tar.gz")
    process = Process(tmp_path, aws_url)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.end(signal.SIGTERM)


async def succeed(spec: ProgramSpec, terminated: asyncio.Event) -> int:
    """A training that writes a model at once."""
    (spec.opt_ml / "model" / "model.json").write_text("{}")
    return 0
