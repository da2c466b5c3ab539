"""One request to one instance of a variant."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sagemaker_local.hosting.serving.connection import ContainerRefusedError, Reply
from sagemaker_local.hosting.serving.variant import RunningVariant

Headers = list[tuple[bytes, bytes]]
Ask = Callable[[RunningVariant, Headers, bytes, float], Awaitable[Reply]]


async def ask(variant: RunningVariant, headers: Headers, body: bytes, timeout_seconds: float) -> Reply:
    """Ask one instance; another one when it takes no connection, for then it has not seen the request.

    Raises ContainerError and TimeoutError.
    """
    for _ in variant.instances:
        instance = variant.acquire()
        if instance is None:
            break
        try:
            async with asyncio.timeout(timeout_seconds):
                return await instance.client.request(b"POST", b"/invocations", headers, body)
        except ContainerRefusedError:
            continue
        finally:
            variant.release(instance)
    raise ContainerRefusedError(f"no instance of {variant.spec.variant} takes connections")
