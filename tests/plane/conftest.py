"""A local AWS for the session, and for each test a plane beside it whose containers are coroutines."""

from __future__ import annotations

import signal
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.plane.support.fakes import FakeBackend, FakeTraffic, succeed
from tests.plane.support.harness import BUCKET, IMAGE, Harness, client, pack_model, serve, settings_in
from tests.plane.support.local_aws import local_aws
from tests.plane.support.process import Process


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """Every plane has HTTP clients of its own, and each would read CAs from disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session")
def aws_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """S3, CloudWatch and Logs: MiniStack on a free port."""
    with local_aws(tmp_path_factory.mktemp("aws")) as url:
        s3 = client("s3", url)
        s3.create_bucket(Bucket=BUCKET)
        pack_model(tmp_path_factory.mktemp("model"), s3)
        yield url


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
    pack_model(tmp_path, s3)
    process = Process(tmp_path, aws_url)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.end(signal.SIGTERM)
