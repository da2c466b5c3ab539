"""A variant that gives its memory back while nobody asks, where the user of the plane said that it may.

AWS keeps instances up whatever they do; a laptop with twenty endpoints would rather have the first request wait.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from sagemaker_local.hosting.serving.instance import STOP_GRACE_SECONDS
from sagemaker_local.hosting.serving.spec import VariantSpec
from sagemaker_local.hosting.serving.variant import RunningVariant, Server, start_all

_log = logging.getLogger(__name__)


class IdleVariant(RunningVariant):
    """Its servers stop after `idle_seconds` without a request; `ready` starts them again."""

    def __init__(self, spec: VariantSpec, instances: Sequence[Server], idle_seconds: float) -> None:
        super().__init__(spec, instances)
        self._idle_seconds = idle_seconds
        self._asleep = False
        self._last_used = time.monotonic()
        self._turning = asyncio.Lock()
        self._looking = asyncio.create_task(self._look(), name=f"idle {spec.endpoint}/{spec.variant}")

    def acquire(self) -> Server | None:
        self._last_used = time.monotonic()
        return super().acquire()

    def release(self, instance: Server) -> None:
        self._last_used = time.monotonic()
        super().release(instance)

    async def ready(self) -> float:
        """Seconds that the servers took to come up; 0 when they were. Raises VariantFailedError or BackendError."""
        if not self._asleep:
            return 0.0
        started = time.perf_counter()
        async with self._turning:
            if self._asleep:
                await start_all(self.instances, self.spec.startup_timeout_seconds)
                self._last_used = time.monotonic()
                self._asleep = False
        return time.perf_counter() - started

    async def close(self) -> None:
        """It sleeps no more; its instances are the caller's to stop."""
        async with self._turning:
            self._looking.cancel()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(max(0.05, self._last_used + self._idle_seconds - time.monotonic()))
            async with self._turning:
                if not self._asleep and self._is_idle:
                    # Before anything is awaited: nobody takes an instance that is stopped.
                    self._asleep = True
                    _log.info("%s is idle: its servers are stopped", self.spec.endpoint)
                    await asyncio.gather(*(each.stop(STOP_GRACE_SECONDS) for each in self.instances))
            if self._asleep:
                await asyncio.sleep(self._idle_seconds)

    @property
    def _is_idle(self) -> bool:
        return not self.outstanding and time.monotonic() - self._last_used >= self._idle_seconds
