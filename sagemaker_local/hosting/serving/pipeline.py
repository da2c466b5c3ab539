"""An instance of an inference pipeline: several containers, each asked with the answer of the one before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from sagemaker_local.hosting.serving.connection import Reply
from sagemaker_local.hosting.serving.instance import STOP_GRACE_SECONDS, Instance

_CONTENT_TYPE = b"content-type"


class Pipeline:
    """Looks to the router as an `Instance`; ready when all of its containers are."""

    def __init__(self, parts: Sequence[Instance]) -> None:
        self.parts = tuple(parts)
        self.outstanding = 0
        self.client = PipelineClient(self.parts)

    @property
    def is_ready(self) -> bool:
        return all(part.is_ready for part in self.parts)

    async def start(self, limit_seconds: float) -> None:
        """Start them side by side. Raises what `Instance.start` raises."""
        try:
            async with asyncio.TaskGroup() as group:
                for part in self.parts:
                    group.create_task(part.start(limit_seconds))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures

    async def stop(self, grace_seconds: float = STOP_GRACE_SECONDS) -> None:
        await asyncio.gather(*(part.stop(grace_seconds) for part in self.parts))


class PipelineClient:
    """One exchange with the pipeline is one with each container, in order, until one refuses."""

    def __init__(self, parts: Sequence[Instance]) -> None:
        self._parts = parts

    async def request(
        self, method: bytes, path: bytes, headers: Iterable[tuple[bytes, bytes]] = (), body: bytes = b""
    ) -> Reply:
        """The last container's answer, or the first that is no success. Raises ContainerError."""
        passed, reply = list(headers), Reply()
        for part in self._parts:
            reply = await part.client.request(method, path, passed, body)
            reply.container = part.hostname
            if not 200 <= reply.status < 300:
                return reply
            passed, body = _onwards(passed, reply), reply.body
        return reply


def _onwards(headers: list[tuple[bytes, bytes]], reply: Reply) -> list[tuple[bytes, bytes]]:
    """What the next container is told: the same, but for the type of what it gets."""
    others = [each for each in headers if each[0] != _CONTENT_TYPE]
    answered = reply.headers.get(_CONTENT_TYPE)
    return [*others, (_CONTENT_TYPE, answered)] if answered is not None else others
