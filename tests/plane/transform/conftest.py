"""A plane whose containers answer over HTTP, and transform jobs on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plane.support.fakes import FakeTraffic
from tests.plane.support.harness import IMAGE, Harness, pack_model, serve, settings_in
from tests.plane.support.serving import ServingBackend
from tests.plane.transform.builders import Transforms, double


@pytest.fixture
def backend() -> ServingBackend:
    backend = ServingBackend()
    backend.handlers[IMAGE] = double
    return backend


@pytest.fixture
def plane(tmp_path: Path, aws_url: str, backend: ServingBackend, s3: Any) -> Iterator[Harness]:
    pack_model(tmp_path, s3)
    with serve(settings_in(tmp_path / "plane", aws_url), backend, FakeTraffic()) as harness:
        harness.create_model("doubles", COLOUR="red")
        yield harness


@pytest.fixture
def transforms(plane: Harness, s3: Any, request: pytest.FixtureRequest) -> Transforms:
    return Transforms(plane, s3, f"batch/{request.node.name}-{time.time_ns()}")
