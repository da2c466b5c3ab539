"""Serverless containers that soon fall asleep."""

from __future__ import annotations

import pytest

from tests.plane.support.serving_plane import backend, plane

__all__ = ["backend", "plane"]

IDLE_SECONDS = 0.5


@pytest.fixture(autouse=True)
def _soon_asleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEMAKER_LOCAL_SERVERLESS_IDLE_SECONDS", str(IDLE_SECONDS))
