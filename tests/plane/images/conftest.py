"""The process backend with the built-in images.yaml."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sagemaker_local.runtime.images import Images
from sagemaker_local.runtime.process import ProcessBackend
from tests.plane.images.containers import Container


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def backend(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[ProcessBackend]:
    """With as private a place as the host allows, or the isolation that a test names."""
    backend = ProcessBackend(tmp_path / "plane", Images(), isolation=getattr(request, "param", None))
    yield backend
    await backend.close()


@pytest.fixture
def container(backend: ProcessBackend, tmp_path: Path) -> Callable[[str], Container]:
    """A container of an image, with an empty /opt/ml of its own."""

    def make(image: str) -> Container:
        opt_ml = tmp_path / f"ml-{len(list(tmp_path.glob('ml-*')))}"
        opt_ml.mkdir()
        return Container(backend, image, opt_ml)

    return make
