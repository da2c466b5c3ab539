"""Processes as containers, without a plane."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagemaker_local.runtime.backend import Backend
from tests.plane.runtime.programs import Run, runner
from tests.plane.support.data_plane import anyio_backend, backend, images, isolation, settings

__all__ = ["anyio_backend", "backend", "images", "isolation", "settings"]


@pytest.fixture
def run(backend: Backend, tmp_path: Path) -> Run:
    return runner(backend, tmp_path)
