"""InvokeEndpointWithResponseStream: the container's answer, part by part as it comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import orjson
from starlette.types import Receive, Scope, Send

from sagemaker_local.hosting.invoking import errors, event_stream, members
from sagemaker_local.hosting.invoking.invoke import TO_CONTAINER, Invocations, read_body
from sagemaker_local.hosting.invoking.metrics import Metrics
from sagemaker_local.hosting.invoking.route import Route
from sagemaker_local.hosting.serving.ask import Headers
from sagemaker_local.hosting.serving.connection import ContainerError, ContainerRefusedError
from sagemaker_local.hosting.serving.instance import Instance
from sagemaker_local.hosting.serving.serverless import ServerlessVariant
from sagemaker_local.hosting.serving.streamed import Streamed, streamed
from sagemaker_local.hosting.serving.variant import RunningVariant

STREAM_SECONDS = 480.0  # "8 minutes for streaming responses"
_ACCEPT, _CUSTOM = b"x-amzn-sagemaker-accept", b"x-amzn-sagemaker-custom-attributes"


class StreamInvocations:
    """The ASGI application behind `POST /endpoints/{name}/invocations-response-stream`."""

    def __init__(self, invocations: Invocations, metrics: Metrics) -> None:
        self._invocations = invocations
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(scope["headers"], receive)
            name, given = scope["path_params"]["name"], scope["headers"]
            members.read("InvokeEndpointWithResponseStream", name, given)
            await self._stream(name, given, body, send)
        except errors.InvocationError as error:
            await send({"type": "http.response.start", "status": error.status, "headers": error.headers})
            await send({"type": "http.response.body", "body": error.body})

    async def _stream(self, endpoint: str, given: Headers, body: bytes, send: Send) -> None:
        router, variant = self._invocations.choose(endpoint, given)
        if isinstance(variant, ServerlessVariant):
            raise errors.invalid(f"Endpoint {endpoint} is serverless: it does not stream its answers.")
        if variant.spec.following:
            raise errors.invalid(
                f"Endpoint {endpoint} is an inference pipeline: it does not stream its answers."
            )
        await self._invocations.wake(router.route, variant)
        instance = variant.acquire()
        if not isinstance(instance, Instance):
            raise _no_answer(router.route, ContainerRefusedError("no instance takes connections"))
        try:
            async with asyncio.timeout(STREAM_SECONDS):
                await self._relay(router.route, variant, instance, given, body, send)
        finally:
            variant.release(instance)

    async def _relay(
        self,
        route: Route,
        variant: RunningVariant,
        instance: Instance,
        given: Headers,
        body: bytes,
        send: Send,
    ) -> None:
        """Send the answer on. Raises InvocationError as long as nothing was sent."""
        started, status = time.perf_counter(), 0
        try:
            async with streamed(instance.client, _passed(given), body) as reply:
                status = reply.status
                await self._send_on(route, variant, reply, send)
        except ContainerError as error:
            raise _no_answer(route, error) from error
        finally:
            self._metrics.observe(variant, status, time.perf_counter() - started, 0.0)

    async def _send_on(self, route: Route, variant: RunningVariant, reply: Streamed, send: Send) -> None:
        if not 200 <= reply.status < 300:
            text = b"".join([part async for part in reply.parts()]).decode("utf-8", errors="replace")
            raise errors.model_error(route.endpoint, route.account, route.region, reply.status, text)
        await self._begin(variant, reply, send)
        async for event in _events(reply):
            await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _begin(self, variant: RunningVariant, reply: Streamed, send: Send) -> None:
        headers = [
            (b"content-type", event_stream.CONTENT_TYPE.encode()),
            (b"x-amzn-invoked-production-variant", variant.spec.variant.encode()),
        ]
        if b"content-type" in reply.headers:
            headers.append((b"x-amzn-sagemaker-content-type", reply.headers[b"content-type"]))
        if _CUSTOM in reply.headers:
            headers.append((_CUSTOM, reply.headers[_CUSTOM]))
        await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _events(reply: Streamed) -> AsyncIterator[bytes]:
    """A PayloadPart for what came at once; a stream that breaks off ends with ModelStreamError."""
    try:
        async for part in reply.parts():
            yield event_stream.payload_part(part)
    except ContainerError as error:
        told = {"Message": f"The container's answer broke off: {error}", "ErrorCode": "StreamBroken"}
        yield event_stream.exception("ModelStreamError", orjson.dumps(told))


def _passed(given: Headers) -> Headers:
    """Accept travels under a name of its own, for the answer's own type is the event stream."""
    passed = [each for each in given if each[0] in TO_CONTAINER and each[0] != b"accept"]
    return passed + [(b"accept", value) for name, value in given if name == _ACCEPT]


def _no_answer(route: Route, error: Exception) -> errors.InvocationError:
    text = errors.no_response(route.endpoint)
    failure = errors.model_error(route.endpoint, route.account, route.region, 0, text)
    failure.__cause__ = error
    return failure
