"""The queue of one asynchronous endpoint, and the way of a request through it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.hosting.asynchronous import notices
from sagemaker_local.hosting.asynchronous.request import AsyncRequest, Spool
from sagemaker_local.hosting.invoking import errors
from sagemaker_local.hosting.invoking.metrics import Metrics, Point
from sagemaker_local.hosting.invoking.route import Route
from sagemaker_local.hosting.invoking.router import Router
from sagemaker_local.hosting.serving.connection import ContainerError, Reply
from sagemaker_local.hosting.serving.variant import RunningVariant
from sagemaker_local.s3_uri import S3UriError, split_uri
from sagemaker_local.wording import in_words

if TYPE_CHECKING:
    from sagemaker_local.cloud import Cloud

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.05
T = TypeVar("T")


class AsyncFailedError(Exception):
    """An invocation failed; str() is its failureReason."""

    def __init__(self, reason: str, metric: str | None = None) -> None:
        super().__init__(reason)
        self.metric = metric


@dataclass(frozen=True)
class AsyncServices:
    """What all asynchronous endpoints use."""

    cloud: Cloud
    metrics: Metrics
    spool: Spool


class AsyncEndpoint:
    """Requests in the order of their coming; as many at once as the instances take."""

    def __init__(self, route: Route, services: AsyncServices) -> None:
        self._services = services
        self._queue: deque[AsyncRequest] = deque()
        self._working: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self.serve(route)
        self._dispatching = asyncio.create_task(self._dispatch(), name=f"async {route.endpoint}")

    def serve(self, route: Route) -> None:
        """From the next request on, by this route."""
        assert route.asynchronous is not None  # noqa: S101 - the caller looked
        self.route, self._config = route, route.asynchronous
        self._router = Router(route)
        self._variants = [variant for variant, _ in route.variants]
        self._wake.set()

    def submit(self, *requests: AsyncRequest) -> None:
        self._queue.extend(requests)
        self._wake.set()

    async def close(self) -> None:
        """Stop; what is not answered stays in the spool."""
        self._dispatching.cancel()
        for task in self._working:
            task.cancel()
        await asyncio.gather(self._dispatching, *self._working, return_exceptions=True)

    async def test_notifications(self) -> None:
        """ "Amazon SageMaker posts a test notification" to each topic when an endpoint is made or changed."""
        for topic in {self._config.success_topic, self._config.error_topic} - {None}:
            await self._publish(topic, notices.text(notices.TEST))

    def report(self) -> None:
        """The sizes of the queue, now."""
        size, instances = len(self._queue) + len(self._working), self._instances
        self._endpoint_metric("ApproximateBacklogSize", "Count", size)
        self._endpoint_metric("ApproximateBacklogSizePerInstance", "Count", size / (instances or 1))
        self._endpoint_metric("HasBacklogWithoutCapacity", "Count", float(size > 0 and instances == 0))
        if self._queue:
            age = time.time() - self._queue[0].received
            self._endpoint_metric("ApproximateAgeOfOldestRequest", "Seconds", max(0.0, age))

    async def _dispatch(self) -> None:
        while True:
            self._wake.clear()
            self._take_expired()
            while self._queue and len(self._working) < self._limit:
                self._begin(self._process(self._queue.popleft()))
            expiry = min((request.expires for request in self._queue), default=None)
            pause = None if expiry is None else max(0.0, expiry - time.time()) + 0.01
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):  # wait_for loses a cancellation that comes with the wake
                    await self._wake.wait()

    @property
    def _limit(self) -> int:
        return self._config.max_concurrent * self._instances

    @property
    def _instances(self) -> int:
        return sum(len(variant.instances) for variant in self._variants)

    def _take_expired(self) -> None:
        now = time.time()
        for request in [each for each in self._queue if each.expires <= now]:
            self._queue.remove(request)
            self._begin(self._expire(request))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            _log.error("an asynchronous invocation broke the plane", exc_info=task.exception())

    async def _expire(self, request: AsyncRequest) -> None:
        reason = f"ClientError: the request expired in the queue after {request.ttl_seconds:g} seconds."
        await self._fail(request, AsyncFailedError(reason, "ExpiredRequests"))
        await self._answered(request)

    async def _process(self, request: AsyncRequest) -> None:
        self._metric("TimeInBacklog", "Milliseconds", (time.time() - request.received) * 1000)
        try:
            body = await self._timed("RequestDownloadLatency", self._download(request))
            reply = await self._ask(request, body)
            await self._timed("ResponseUploadLatency", self._upload(request, reply))
        except AsyncFailedError as failure:
            await self._fail(request, failure)
        else:
            await self._succeed(request, reply)
        await self._answered(request)

    async def _answered(self, request: AsyncRequest) -> None:
        await asyncio.to_thread(self._services.spool.forget, request)
        # AWS's page writes InvocationsProcesssed; what AWS publishes has two s (Cloud Custodian, probed on AWS).
        self._metric("InvocationsProcessed", "Count", 1.0)
        self._metric("TotalProcessingTime", "Milliseconds", (time.time() - request.received) * 1000)

    async def _timed(self, metric: str, work: Coroutine[Any, Any, T]) -> T:
        started = time.perf_counter()
        result = await work
        self._metric(metric, "Microseconds", (time.perf_counter() - started) * 1e6)
        return result

    async def _download(self, request: AsyncRequest) -> bytes:
        if request.body is not None:
            return request.body
        s3 = self._services.cloud.s3

        def read() -> bytes:
            bucket, key = split_uri(str(request.input_location))
            return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

        try:
            return await asyncio.to_thread(read)
        except (BotoCoreError, ClientError, S3UriError) as error:
            where = request.input_location
            reason = f"ClientError: Failed to download the request from {where}: {in_words(error)}"
            raise AsyncFailedError(reason, "RequestDownloadFailures") from error

    async def _upload(self, request: AsyncRequest, reply: Reply) -> None:
        if request.output_location is None:
            return
        kind = reply.headers.get(b"content-type", b"binary/octet-stream").decode("latin-1")
        try:
            await self._put(request.output_location, reply.body, kind)
        except (BotoCoreError, ClientError) as error:
            where = request.output_location
            reason = f"ClientError: Failed to upload the response to {where}: {in_words(error)}"
            raise AsyncFailedError(reason, "ResponseUploadFailures") from error

    async def _ask(self, request: AsyncRequest, body: bytes) -> Reply:
        """The container's answer with success. Asked again when its variant was replaced meanwhile."""
        headers = [(name.encode(), value.encode("latin-1")) for name, value in request.headers]
        while True:
            variant, started = self._router.choose(), time.perf_counter()
            try:
                async with asyncio.timeout(request.timeout_seconds):
                    reply = await self._exchange(variant, headers, body)
            except TimeoutError:
                self._observe(0, started)
                raise AsyncFailedError(_received(0, errors.timed_out())) from None
            except ContainerError as error:
                if variant not in self._variants:
                    continue
                self._observe(0, started)
                raise AsyncFailedError(_received(0, errors.no_response(request.endpoint))) from error
            self._observe(reply.status, started)
            if 200 <= reply.status < 300:
                return reply
            raise AsyncFailedError(_received(reply.status, reply.body.decode("utf-8", errors="replace")))

    async def _exchange(
        self, variant: RunningVariant, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Reply:
        while (instance := variant.acquire()) is None:
            if variant not in self._variants:
                raise ContainerError("the variant was replaced")
            await asyncio.sleep(_LOOK_SECONDS)
        try:
            return await instance.client.request(b"POST", b"/invocations", headers, body)
        finally:
            variant.release(instance)

    async def _succeed(self, request: AsyncRequest, reply: Reply) -> None:
        kind = reply.headers.get(b"content-type", b"").decode("latin-1") or None
        included = "SUCCESS_NOTIFICATION_TOPIC" in self._config.include_in
        message = notices.success(
            self.route.region, time.time(), request, kind, reply.body, included=included
        )
        await self._publish(self._config.success_topic, notices.text(message))

    async def _fail(self, request: AsyncRequest, failure: AsyncFailedError) -> None:
        self._metric("InvocationFailures", "Count", 1.0)
        if failure.metric is not None:
            self._metric(failure.metric, "Count", 1.0)
        if request.failure_location is not None:
            try:
                await self._put(request.failure_location, str(failure).encode(), "text/plain")
            except (BotoCoreError, ClientError) as error:
                _log.warning("a failure could not be written to %s: %s", request.failure_location, error)
        message = notices.failure(self.route.region, time.time(), request, str(failure))
        await self._publish(self._config.error_topic, notices.text(message))

    async def _put(self, uri: str, body: bytes, content_type: str) -> None:
        bucket, key = split_uri(uri)
        await asyncio.to_thread(
            self._services.cloud.s3.put_object,
            Bucket=bucket,
            Key=key,
            Body=body,
            ContentType=content_type,
        )

    async def _publish(self, topic: str | None, message: str) -> None:
        if topic is None:
            return
        try:
            await asyncio.to_thread(lambda: self._services.cloud.sns.publish(TopicArn=topic, Message=message))
        except (BotoCoreError, ClientError) as error:
            _log.warning("no notification to %s: %s", topic, error)
            self._metric("NotificationFailures", "Count", 1.0)

    def _observe(self, status: int, started: float) -> None:
        self._metric("ModelLatency", "Microseconds", (time.perf_counter() - started) * 1e6)
        self._metric("Invocation4XXErrors", "None", float(400 <= status < 500))
        self._metric("Invocation5XXErrors", "None", float(status >= 500))

    def _endpoint_metric(self, name: str, unit: str, value: float) -> None:
        self._services.metrics.add(Point(name, unit, (("EndpointName", self.route.endpoint),)), value)

    def _metric(self, name: str, unit: str, value: float) -> None:
        dimensions = (("EndpointName", self.route.endpoint), ("VariantName", self._variants[0].spec.variant))
        self._services.metrics.add(Point(name, unit, dimensions), value)


def _received(status: int, message: str) -> str:
    side = "client" if 400 <= status < 500 else "server"
    return f'Received {side} error ({status}) from model with message "{message}"'
