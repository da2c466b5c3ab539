"""A plane whose containers are coroutines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plane.support.fakes import FakeBackend, FakeTraffic
from tests.plane.support.harness import IMAGE, Harness, serve, settings_in


async def nothing(*_: object) -> int:
    return 0


@pytest.fixture
def backend() -> FakeBackend:
    fake = FakeBackend()
    fake.images[IMAGE] = nothing
    return fake


@pytest.fixture
def plane(tmp_path: Path, aws_url: str, backend: FakeBackend) -> Iterator[Harness]:
    settings = settings_in(tmp_path / "plane", aws_url, continuous_upload_seconds=0.1)
    with serve(settings, backend, FakeTraffic()) as harness:
        yield harness
