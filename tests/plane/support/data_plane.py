"""A toy container, AWS in memory, and a data plane on both."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import httpx
import pytest
import yaml
from starlette.applications import Starlette

from sagemaker_local.hosting.data_plane import DataPlane, TrafficSettings
from sagemaker_local.hosting.invoking.invoke import INVOCATION_TIMEOUT_SECONDS
from sagemaker_local.runtime.images import Images
from sagemaker_local.runtime.isolation import Isolation, probe
from sagemaker_local.runtime.process import ProcessBackend
from sagemaker_local.settings import Settings
from tests.plane.support.variants import BUCKET, REGION, TOY
from tests.quick_moto import mock_aws


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def isolation() -> Isolation:
    return probe()


@pytest.fixture
def cloud() -> Iterator[Any]:
    """S3, CloudWatch and Logs in memory; the bucket exists."""
    with mock_aws():
        session = boto3.Session(region_name=REGION)
        s3 = session.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        yield SimpleNamespace(s3=s3, cloudwatch=session.client("cloudwatch"), logs=session.client("logs"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "plane", store_url="http://127.0.0.1:1")


@pytest.fixture
def images(tmp_path: Path) -> Images:
    file = tmp_path / "images.yaml"
    entry = {"match": "toy:*", "path": str(TOY), "serve": [sys.executable, str(TOY / "serve.py")]}
    file.write_text(yaml.safe_dump([entry]))
    return Images([file])


@pytest.fixture
async def backend(settings: Settings, images: Images, isolation: Isolation) -> AsyncIterator[ProcessBackend]:
    backend = ProcessBackend(settings.data_dir, images, isolation=isolation)
    yield backend
    await backend.close()


@pytest.fixture
def invocation_timeout_seconds() -> float:
    """AWS's: a busy machine takes seconds for what is done at once otherwise. Tests of the limit say another."""
    return INVOCATION_TIMEOUT_SECONDS


@pytest.fixture
async def plane(
    backend: ProcessBackend, settings: Settings, cloud: Any, invocation_timeout_seconds: float
) -> AsyncIterator[DataPlane]:
    often = TrafficSettings(
        metric_period_seconds=1,
        capture_flush_seconds=0.2,
        log_flush_seconds=0.2,
        invocation_timeout_seconds=invocation_timeout_seconds,
    )
    plane = DataPlane(backend, settings, cloud, often)
    yield plane
    await plane.close()


@pytest.fixture
async def client(plane: DataPlane) -> AsyncIterator[httpx.AsyncClient]:
    """HTTP to the data plane, without a network."""
    transport = httpx.ASGITransport(Starlette(routes=plane.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://plane") as client:
        yield client
