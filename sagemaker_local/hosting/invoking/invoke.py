"""InvokeEndpoint: the hot path. One pass over the headers, one choice, one exchange with the container."""

from __future__ import annotations

import time
import uuid

from starlette.types import Message, Receive, Scope, Send

from sagemaker_local.hosting.invoking import errors, members
from sagemaker_local.hosting.invoking.capture import Capture, Exchange
from sagemaker_local.hosting.invoking.metrics import Metrics, Point
from sagemaker_local.hosting.invoking.route import Route
from sagemaker_local.hosting.invoking.router import Router, Routers, UnknownVariantError
from sagemaker_local.hosting.invoking.shadow import Shadows
from sagemaker_local.hosting.serving import serverless
from sagemaker_local.hosting.serving.ask import Ask, Headers, ask
from sagemaker_local.hosting.serving.connection import ContainerError, Reply
from sagemaker_local.hosting.serving.serverless import ServerlessVariant
from sagemaker_local.hosting.serving.spec import VariantFailedError
from sagemaker_local.hosting.serving.variant import RunningVariant
from sagemaker_local.runtime.backend import BackendError

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024  # InvokeEndpoint's BodyBlob
INVOCATION_TIMEOUT_SECONDS = 60.0  # "containers must respond to requests within 60 seconds"

_TARGET_VARIANT = b"x-amzn-sagemaker-target-variant"
_INFERENCE_ID = b"x-amzn-sagemaker-inference-id"
_CUSTOM_ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"
# "SageMaker strips all POST headers except those supported by the API."
TO_CONTAINER = frozenset(
    {
        b"content-type",
        b"accept",
        _CUSTOM_ATTRIBUTES,
        _INFERENCE_ID,
        b"x-amzn-sagemaker-session-id",
        b"x-amzn-sagemaker-enable-explanations",
    }
)
# What addresses parts that no endpoint here has: models, containers of Mode Direct, inference components.
_ADDRESSED = {
    b"x-amzn-sagemaker-target-model": errors.not_multi_model,
    b"x-amzn-sagemaker-target-container-hostname": errors.no_direct_containers,
    b"x-amzn-sagemaker-inference-component": errors.no_inference_components,
}
_TO_CALLER = (
    b"content-type",
    _CUSTOM_ATTRIBUTES,
    b"x-amzn-sagemaker-new-session-id",
    b"x-amzn-sagemaker-closed-session-id",
)


class Invocations:
    """The ASGI application behind `POST /endpoints/{name}/invocations`."""

    def __init__(
        self,
        routers: Routers,
        metrics: Metrics,
        capture: Capture,
        shadows: Shadows,
        account: str,
        timeout_seconds: float = INVOCATION_TIMEOUT_SECONDS,
        asked: Ask = ask,
    ) -> None:
        self._routers = routers
        self._metrics = metrics
        self._capture = capture
        self._shadows = shadows
        self._account = account
        self._timeout_seconds = timeout_seconds
        self._ask = asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, request_id = time.perf_counter(), str(uuid.uuid4())
        endpoint, given = scope["path_params"]["name"], scope["headers"]
        try:
            body = await read_body(given, receive)
            members.read("InvokeEndpoint", endpoint, given)
            headers, answer = await self._invoke(endpoint, given, body, started, request_id)
            status = 200
        except errors.InvocationError as error:
            status, answer, headers = error.status, error.body, error.headers
        headers.append((b"x-amzn-requestid", request_id.encode()))
        headers.append((b"content-length", b"%d" % len(answer)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _invoke(
        self, endpoint: str, given: Headers, body: bytes, started: float, request_id: str
    ) -> tuple[Headers, bytes]:
        router, variant = self.choose(endpoint, given)
        if not isinstance(variant, ServerlessVariant):
            await self.wake(router.route, variant)
            return await self._answer(router.route, variant, given, body, started)
        if len(body) > serverless.MAX_PAYLOAD_BYTES:
            raise errors.oversize_body(request_id)
        try:
            with variant.admitted():
                await self.wake(router.route, variant)
                return await self._answer(router.route, variant, given, body, started)
        except serverless.ThrottledError:
            raise errors.throttled() from None

    async def wake(self, route: Route, variant: RunningVariant) -> None:
        """The container is up when this returns; a serverless one's cold start is measured."""
        try:
            seconds = await variant.ready()
        except (VariantFailedError, BackendError) as error:
            raise errors.model_error(route.endpoint, route.account, route.region, 500, str(error)) from error
        if seconds and variant.spec.serverless:
            dimensions = (("EndpointName", route.endpoint), ("VariantName", variant.spec.variant))
            self._metrics.add(Point("ModelSetupTime", "Microseconds", dimensions), seconds * 1e6)

    async def _answer(
        self, route: Route, variant: RunningVariant, given: Headers, body: bytes, started: float
    ) -> tuple[Headers, bytes]:
        endpoint = route.endpoint
        passed = [each for each in given if each[0] in TO_CONTAINER]
        inference_id = header(given, _INFERENCE_ID)
        if route.shadow is not None:
            self._shadows.mirror(route, passed, inference_id, body)
        asked = time.perf_counter()
        try:
            reply = await self._ask(variant, passed, body, self._timeout_seconds)
            failure = reply.body.decode("utf-8", errors="replace") if not 200 <= reply.status < 300 else None
        except ContainerError:
            reply, failure = Reply(), errors.no_response(endpoint)
        except TimeoutError:
            reply, failure = Reply(), errors.timed_out()
        if variant.spec.serverless and len(reply.body) > serverless.MAX_PAYLOAD_BYTES:
            reply, failure = Reply(), errors.answer_too_large(serverless.MAX_PAYLOAD_BYTES)
        answered = time.perf_counter()
        latency = answered - asked
        self._metrics.observe(variant, reply.status, latency, overhead=answered - started - latency)
        if failure is not None:
            place = (endpoint, route.account, route.region)
            raise errors.model_error(*place, reply.status, failure, reply.container)
        if route.capture is not None:
            exchange = Exchange(header(given, b"content-type"), body, reply, inference_id, time.time())
            self._capture.offer(route.capture, endpoint, variant.spec.variant, exchange)
        return _answer_headers(variant, reply), reply.body

    def choose(self, endpoint: str, given: Headers) -> tuple[Router, RunningVariant]:
        """Who answers. Raises the error of an endpoint, a variant or another part that is not there."""
        router = self._routers.get(endpoint)
        if router is None:
            raise self._routers.absence(endpoint, self._account)
        if router.route.asynchronous is not None:
            raise errors.only_asynchronous(endpoint, self._account)
        for name, _ in given:
            if name in _ADDRESSED:
                raise _ADDRESSED[name](endpoint)
        try:
            return router, router.choose(header(given, _TARGET_VARIANT))
        except UnknownVariantError as error:
            raise errors.variant_not_found(endpoint, str(error), router.route.account) from error


async def read_body(headers: Headers, receive: Receive) -> bytes:
    """The request's body. Raises the 413 as soon as it is known to be too large."""
    announced = header(headers, b"content-length")
    if announced is not None and announced.isdigit() and int(announced) > MAX_PAYLOAD_BYTES:
        raise errors.payload_too_large(MAX_PAYLOAD_BYTES)
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await _next_part(receive)
        body += message.get("body", b"")
        if len(body) > MAX_PAYLOAD_BYTES:
            raise errors.payload_too_large(MAX_PAYLOAD_BYTES)
    return body


async def _next_part(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise errors.InvocationError(
            400, "", {"Message": "The caller went away before its body was complete."}
        )
    return message


def header(headers: Headers, name: bytes) -> str | None:
    """The value of a header; `name` in lower case."""
    for key, value in headers:
        if key == name:
            return value.decode("latin-1")
    return None


def _answer_headers(variant: RunningVariant, reply: Reply) -> Headers:
    headers = [(name, reply.headers[name]) for name in _TO_CALLER if name in reply.headers]
    headers.append((b"x-amzn-invoked-production-variant", variant.spec.variant.encode()))
    return headers
