"""Tuning jobs: the fixtures of the control plane."""

from __future__ import annotations

from tests.plane.control.conftest import backend, plane, process, sm, traffic

__all__ = ["backend", "plane", "process", "sm", "traffic"]
