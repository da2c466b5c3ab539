"""A local AWS for the session, and a plane beside it whose containers are handlers."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from tests.plane.asynchronous.builders import pack_model
from tests.plane.control.harness import BUCKET, IMAGE, Harness, client, serve, settings_in
from tests.plane.local_aws import local_aws
from tests.plane.serving import ServingBackend


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """Every plane has a session and HTTP clients of its own, and each would read service models and CAs from disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session")
def aws_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """S3, CloudWatch and Logs: MiniStack on a free port."""
    with local_aws(tmp_path_factory.mktemp("aws")) as url:
        client("s3", url).create_bucket(Bucket=BUCKET)
        yield url


@pytest.fixture
def s3(aws_url: str) -> Any:
    return client("s3", aws_url)


@pytest.fixture
def backend() -> ServingBackend:
    backend = ServingBackend()
    backend.handlers[IMAGE] = lambda asked: b"answer to " + asked.body
    return backend


@pytest.fixture
def plane(
    tmp_path: Path, aws_url: str, backend: ServingBackend, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Harness]:
    """A plane with the real data plane, whose containers are handlers."""
    monkeypatch.setenv("SAGEMAKER_LOCAL_METRIC_PERIOD_SECONDS", "0.5")
    pack_model(tmp_path, s3)
    with serve(settings_in(tmp_path / "plane", aws_url), backend) as harness:
        harness.create_model("one")
        yield harness
