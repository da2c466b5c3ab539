"""Requests of a transform job to its containers: with a time limit and retries (ModelClientConfig)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sagemaker_local.hosting.serving.connection import ContainerError, Reply
from sagemaker_local.hosting.serving.instance import Instance
from sagemaker_local.store import Document

_BACKOFF_SECONDS = 0.5
_LONGEST_MESSAGE = 2048


class InvocationFailedError(Exception):
    """A payload was not answered with success; str() is for the data log.

    is_client_error: the container refused the payload (4xx).
    """

    def __init__(self, text: str, *, is_client_error: bool, body: bytes = b"") -> None:
        super().__init__(text)
        self.is_client_error = is_client_error
        self.message = body[:_LONGEST_MESSAGE].decode("utf-8", errors="replace")


@dataclass(frozen=True)
class Invocations:
    """timeout_seconds: of one attempt. max_retries: after it, for 5xx, time-outs and missing answers."""

    headers: tuple[tuple[bytes, bytes], ...]
    timeout_seconds: float
    max_retries: int

    @classmethod
    def of(cls, job: Document) -> Invocations:
        headers = (
            (b"content-type", job["TransformInput"].get("ContentType")),
            (b"accept", job["TransformOutput"].get("Accept")),
        )
        config = job.get("ModelClientConfig", {})
        return cls(
            headers=tuple((name, value.encode("latin-1")) for name, value in headers if value),
            timeout_seconds=float(config.get("InvocationsTimeoutInSeconds", 600)),
            max_retries=config.get("InvocationsMaxRetries", 3),
        )

    async def ask(self, instance: Instance, body: bytes) -> bytes:
        """The container's answer. Raises InvocationFailedError after the last attempt."""
        for attempt in range(self.max_retries + 1):
            if attempt:
                await asyncio.sleep(_BACKOFF_SECONDS * 2 ** (attempt - 1))
            try:
                return await self._attempt(instance, body)
            except InvocationFailedError as error:
                if error.is_client_error or attempt == self.max_retries:
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, instance: Instance, body: bytes) -> bytes:
        try:
            async with asyncio.timeout(self.timeout_seconds):
                reply = await instance.client.request(b"POST", b"/invocations", self.headers, body)
        except TimeoutError as error:
            text = f"Model server did not respond to /invocations request within {self.timeout_seconds:g} seconds"
            raise InvocationFailedError(text, is_client_error=False) from error
        except ContainerError as error:
            text = f"Unable to get an answer from the container: {error}"
            raise InvocationFailedError(text, is_client_error=False) from error
        return _answer(reply)


def _answer(reply: Reply) -> bytes:
    if 200 <= reply.status < 300:
        return reply.body
    if 400 <= reply.status < 500:
        text = f"ClientError: {reply.status}"
        raise InvocationFailedError(text, is_client_error=True, body=reply.body)
    text = f"Bad HTTP status received from algorithm: {reply.status}"
    raise InvocationFailedError(text, is_client_error=False, body=reply.body)
