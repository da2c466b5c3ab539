"""A plane with fakes behind its seams for each test."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_local.archive import pack
from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.control.fakes import FakeBackend, FakeTraffic
from tests.plane.control.harness import BUCKET, IMAGE, Harness, serve, settings_in
from tests.plane.control.process import Process


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
