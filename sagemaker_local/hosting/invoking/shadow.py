"""A shadow variant: gets copies of what the production variant is asked, and nobody sees its answers.

They are metered and captured under the shadow's own name. Whatever becomes of a copy, the caller's request does
not wait for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from random import SystemRandom

from sagemaker_local.hosting.invoking.capture import Capture, Exchange
from sagemaker_local.hosting.invoking.metrics import Metrics
from sagemaker_local.hosting.invoking.route import Route
from sagemaker_local.hosting.serving.ask import Headers, ask
from sagemaker_local.hosting.serving.connection import ContainerError, Reply
from sagemaker_local.hosting.serving.spec import VariantFailedError
from sagemaker_local.runtime.backend import BackendError

# A shadow that is slower than production must not fill the memory of the plane: beyond this, copies are dropped.
MAX_WAITING = 100
_random = SystemRandom().random


class Shadows:
    """Mirrors requests of endpoints that have a shadow variant."""

    def __init__(
        self,
        metrics: Metrics,
        capture: Capture,
        timeout_seconds: float,
        random: Callable[[], float] = _random,
    ) -> None:
        self._metrics = metrics
        self._capture = capture
        self._timeout_seconds = timeout_seconds
        self._random = random
        self._waiting: set[asyncio.Task[None]] = set()

    def mirror(self, route: Route, passed: Headers, inference_id: str | None, body: bytes) -> None:
        """Send the shadow a copy if the request falls into its sample; returns at once."""
        if route.shadow is None or len(self._waiting) >= MAX_WAITING or self._random() >= route.shadow[1]:
            return
        task = asyncio.create_task(self._send(route, passed, inference_id, body))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def close(self) -> None:
        for task in self._waiting:
            task.cancel()
        await asyncio.gather(*self._waiting, return_exceptions=True)

    async def _send(self, route: Route, passed: Headers, inference_id: str | None, body: bytes) -> None:
        assert route.shadow is not None  # noqa: S101 - mirror() looked
        variant, started = route.shadow[0], time.perf_counter()
        try:
            await variant.ready()
            reply = await ask(variant, passed, body, self._timeout_seconds)
        except (ContainerError, TimeoutError, VariantFailedError, BackendError):
            reply = Reply()
        self._metrics.observe(variant, reply.status, time.perf_counter() - started, overhead=0.0)
        if route.capture is not None and 200 <= reply.status < 300:
            content_type = next(
                (value.decode("latin-1") for name, value in passed if name == b"content-type"), None
            )
            exchange = Exchange(content_type, body, reply, inference_id, time.time())
            self._capture.offer(route.capture, route.endpoint, variant.spec.variant, exchange)
