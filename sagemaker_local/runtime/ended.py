"""A program that is over as soon as it has begun."""

from __future__ import annotations


class Ended:
    """With exit code 1."""

    pid = 0
    port = None
    key = b""

    def has_bound(self) -> bool:
        return False

    def listening(self) -> str:
        return ""

    async def wait(self) -> int:
        return 1

    async def stop(self, grace_seconds: float) -> None:
        """It has ended already."""
