"""A running production variant: its instances, and who is busy with what."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol

from sagemaker_local.hosting.serving.connection import Reply
from sagemaker_local.hosting.serving.instance import STOP_GRACE_SECONDS, Instance
from sagemaker_local.hosting.serving.spec import VariantSpec


class Client(Protocol):
    """Exchanges with what an instance runs."""

    async def request(
        self, method: bytes, path: bytes, headers: Iterable[tuple[bytes, bytes]] = (), body: bytes = b""
    ) -> Reply: ...


class Server(Protocol):
    """One instance, whether it runs one container (`Instance`) or several (`Pipeline`)."""

    outstanding: int

    @property
    def is_ready(self) -> bool: ...

    @property
    def client(self) -> Client: ...

    @property
    def parts(self) -> Sequence[Instance]: ...

    async def start(self, limit_seconds: float) -> None: ...

    async def stop(self, grace_seconds: float = STOP_GRACE_SECONDS) -> None: ...


async def start_all(instances: Sequence[Server], limit_seconds: float) -> None:
    """Start them side by side; the first failure ends the others' attempts and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for instance in instances:
                group.create_task(instance.start(limit_seconds))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures


class RunningVariant:
    """`spec`, and the server processes that serve it."""

    def __init__(self, spec: VariantSpec, instances: Sequence[Server]) -> None:
        self.spec = spec
        self.instances = list(instances)
        self.metered_as: tuple[str | None, ...] = (None,)
        self._turn = 0
        self._idle = asyncio.Event()

    @property
    def outstanding(self) -> int:
        """Requests that have been given to an instance and not been answered."""
        return sum(instance.outstanding for instance in self.instances)

    def acquire(self) -> Server | None:
        """The ready instance with the fewest outstanding requests, now one more; None when none is ready.

        Equals take turns. Give it back with `release`.
        """
        ready = [instance for instance in self.instances if instance.is_ready]
        if not ready:
            return None
        self._turn += 1
        turn = self._turn % len(ready)
        chosen = min(ready[turn:] + ready[:turn], key=_outstanding) if len(ready) > 1 else ready[0]
        chosen.outstanding += 1
        return chosen

    def release(self, instance: Server) -> None:
        instance.outstanding -= 1
        if instance.outstanding == 0:
            self._idle.set()

    def meter_as(self, config: str | None) -> None:
        """Publish its metrics a second time, with the dimension EndpointConfigName; None ends that."""
        self.metered_as = (None,) if config is None else (None, config)

    async def retire(self, count: int) -> list[Server]:
        """Keep the first `count` instances; the others, once their requests are answered, are the caller's."""
        leaving, self.instances = self.instances[count:], self.instances[:count]
        while any(instance.outstanding for instance in leaving):
            self._idle.clear()
            await self._idle.wait()
        return leaving

    async def ready(self) -> float:
        """Its servers are up when this returns; how many seconds that took. Most are always up."""
        return 0.0

    async def close(self) -> None:
        """Before its instances are stopped for good."""

    async def drained(self) -> None:
        """Wait until no request is outstanding."""
        while self.outstanding:
            self._idle.clear()
            await self._idle.wait()


def _outstanding(instance: Server) -> int:
    return instance.outstanding
