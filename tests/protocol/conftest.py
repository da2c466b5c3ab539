"""Handlers need powertools' settings, as in tests/crash_points."""

from tests.crash_points import conftest as settings

assert settings
