"""The MiniStack of tests/stack."""

from tests.stack.conftest import ministack, notes

__all__ = ["ministack", "notes"]
