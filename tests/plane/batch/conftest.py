"""A plane whose containers answer over HTTP, and transform jobs on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_local.archive import pack
from tests.plane.batch.builders import Transforms
from tests.plane.control.fakes import FakeTraffic
from tests.plane.control.harness import BUCKET, IMAGE, Harness, serve, settings_in
from tests.plane.serving import Asked, ServingBackend


def double(asked: Asked) -> bytes | tuple[int, bytes]:
    """Each line is numbers; the answer to a line is twice their sum."""
    if asked.path != "/invocations":
        return 404, b""
    rows = [line.split(b",") for line in asked.body.splitlines()]
    return b"\n".join(b"%d" % (2 * sum(map(int, row))) for row in rows)


@pytest.fixture
def backend() -> ServingBackend:
    backend = ServingBackend()
    backend.handlers[IMAGE] = double
    return backend


@pytest.fixture
def plane(tmp_path: Path, aws_url: str, backend: ServingBackend, s3: Any) -> Iterator[Harness]:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.json").write_text("{}")
    pack(tmp_path / "model", tmp_path / "model.tar.gz")
    s3.upload_file(str(tmp_path / "model.tar.gz"), BUCKET, "model.tar.gz")
    with serve(settings_in(tmp_path / "plane", aws_url), backend, FakeTraffic()) as harness:
        harness.create_model("doubles", COLOUR="red")
        yield harness


@pytest.fixture
def transforms(plane: Harness, s3: Any, request: pytest.FixtureRequest) -> Transforms:
    return Transforms(plane, s3, f"batch/{request.node.name}-{time.time_ns()}")
