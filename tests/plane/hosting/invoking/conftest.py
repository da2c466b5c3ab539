"""The data plane on real server processes, and HTTP to it."""

from __future__ import annotations

from tests.plane.support.data_plane import (
    anyio_backend,
    backend,
    client,
    cloud,
    images,
    invocation_timeout_seconds,
    isolation,
    plane,
    settings,
)

__all__ = [
    "anyio_backend",
    "backend",
    "client",
    "cloud",
    "images",
    "invocation_timeout_seconds",
    "isolation",
    "plane",
    "settings",
]
