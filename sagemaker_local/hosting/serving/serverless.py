"""A serverless variant: cold until somebody asks, cold again when nobody has asked for a while.

On AWS every concurrent request has a container of its own; here one process answers all of them, up to
MaxConcurrency.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator, Sequence

from sagemaker_local.hosting.serving.instance import STOP_GRACE_SECONDS
from sagemaker_local.hosting.serving.spec import ServerlessConfig, VariantSpec
from sagemaker_local.hosting.serving.variant import RunningVariant, Server

MAX_PAYLOAD_BYTES = 4 * 1024 * 1024  # "Maximum payload size: 4 MB", of request and response
_log = logging.getLogger(__name__)


class ThrottledError(Exception):
    """MaxConcurrency requests are being answered already."""


class ServerlessVariant(RunningVariant):
    """`ready` wakes the container; `rest` lets it sleep after `idle_seconds` without a request."""

    def __init__(
        self, spec: VariantSpec, instances: Sequence[Server], config: ServerlessConfig, idle_seconds: float
    ) -> None:
        super().__init__(spec, instances)
        self._config = config
        self._idle_seconds = idle_seconds
        self._admitted = 0
        self._turning = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._falling_asleep: asyncio.Task[None] | None = None

    @property
    def outstanding(self) -> int:
        """Requests that were admitted and not answered, those that wait for the container too."""
        return self._admitted

    @contextlib.contextmanager
    def admitted(self) -> Iterator[None]:
        """Room for one request. Raises ThrottledError."""
        if self._admitted >= self._config.max_concurrency:
            raise ThrottledError
        self._admitted += 1
        self._cancel_timer()
        try:
            yield
        finally:
            self._admitted -= 1
            if self._admitted == 0:
                self._idle.set()
                self.rest()

    async def ready(self) -> float:
        """Seconds that the container took to come up; 0 when it was warm.

        Raises VariantFailedError or BackendError.
        """
        if self._is_warm:
            return 0.0
        started = time.perf_counter()
        async with self._turning:
            if not self._is_warm:
                await self.instances[0].start(self.spec.startup_timeout_seconds)
        return time.perf_counter() - started

    def rest(self) -> None:
        """Nobody asks any more: begin to count. Provisioned concurrency never sleeps."""
        self._cancel_timer()
        if not self._config.provisioned:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._idle_seconds, self._fall_asleep)

    async def close(self) -> None:
        """It wakes no more and sleeps no more; its instances are the caller's to stop."""
        self._cancel_timer()
        if self._falling_asleep is not None:
            await self._falling_asleep

    @property
    def _is_warm(self) -> bool:
        return any(instance.is_ready for instance in self.instances)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fall_asleep(self) -> None:
        self._falling_asleep = asyncio.create_task(self._sleep(), name=f"sleep {self.spec.endpoint}")

    async def _sleep(self) -> None:
        async with self._turning:
            if self._admitted == 0:
                _log.info("%s is idle: its container is stopped", self.spec.endpoint)
                await self.instances[0].stop(STOP_GRACE_SECONDS)
