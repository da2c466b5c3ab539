"""A plane with its real data plane, whose containers answer by handlers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plane.support.harness import IMAGE, Harness, pack_model, serve, settings_in
from tests.plane.support.serving import ServingBackend


@pytest.fixture
def backend() -> ServingBackend:
    backend = ServingBackend()
    backend.handlers[IMAGE] = lambda asked: b"answer to " + asked.body
    return backend


@pytest.fixture
def plane(
    tmp_path: Path, aws_url: str, backend: ServingBackend, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Harness]:
    monkeypatch.setenv("SAGEMAKER_LOCAL_METRIC_PERIOD_SECONDS", "0.5")
    pack_model(tmp_path, s3)
    with serve(settings_in(tmp_path / "plane", aws_url), backend) as harness:
        harness.create_model("one")
        yield harness
