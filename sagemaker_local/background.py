"""Work that is done beside the requests, every so often."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from botocore.exceptions import BotoCoreError, ClientError

log = logging.getLogger(__name__)


def is_temporary(error: BotoCoreError | ClientError) -> bool:
    """Whether the same call may succeed later: no connection, throttled, or the service's own fault."""
    if isinstance(error, BotoCoreError):
        return True
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return status >= 500 or status == 429 or "Throttl" in error.response["Error"]["Code"]


class Background:
    """Calls `work` every `seconds`, when hurried, and once more on close. A failure is logged, not final."""

    def __init__(self, name: str, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        self._name, self._seconds, self._work = name, seconds, work
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, once; needs a running loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=self._name)

    def hurry(self) -> None:
        """Do the work now rather than at the end of the period."""
        self._hurry.set()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._attempt()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._hurry.wait()
            self._hurry.clear()
            # Work that has begun is not cut off by close(): half of it might have been delivered.
            attempt = asyncio.create_task(self._attempt())
            try:
                await asyncio.shield(attempt)
            except asyncio.CancelledError:
                await attempt
                raise

    async def _attempt(self) -> None:
        try:
            await self._work()
        except Exception:
            log.exception("%s failed; trying again in %s s", self._name, self._seconds)
