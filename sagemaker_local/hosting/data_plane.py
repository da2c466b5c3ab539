"""The data plane: starts and stops what serves, and sends requests to it.

The control plane decides when; nothing here changes an endpoint's status.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from starlette.routing import Route as HttpRoute

from sagemaker_local.cloud import Cloud
from sagemaker_local.hosting.asynchronous.endpoints import Asynchronous
from sagemaker_local.hosting.invoking.capture import Capture
from sagemaker_local.hosting.invoking.invoke import INVOCATION_TIMEOUT_SECONDS, Invocations
from sagemaker_local.hosting.invoking.metrics import Metrics
from sagemaker_local.hosting.invoking.route import Route
from sagemaker_local.hosting.invoking.router import Routers
from sagemaker_local.hosting.invoking.shadow import Shadows
from sagemaker_local.hosting.invoking.stream import StreamInvocations
from sagemaker_local.hosting.serving.ask import Ask, ask
from sagemaker_local.hosting.serving.idle import IdleVariant
from sagemaker_local.hosting.serving.instance import STOP_GRACE_SECONDS, Instance
from sagemaker_local.hosting.serving.model_data import copy, install
from sagemaker_local.hosting.serving.pipeline import Pipeline
from sagemaker_local.hosting.serving.serverless import ServerlessVariant
from sagemaker_local.hosting.serving.spec import ContainerSpec, VariantFailedError, VariantSpec
from sagemaker_local.hosting.serving.variant import RunningVariant, Server, start_all
from sagemaker_local.logs import LogShipper
from sagemaker_local.runtime.backend import Backend, BackendError, ProgramSpec
from sagemaker_local.settings import Settings

DRAIN_SECONDS = INVOCATION_TIMEOUT_SECONDS + 5
CLOSE_GRACE_SECONDS = 5.0  # nobody waits for answers any more when the plane itself ends


@dataclass(frozen=True)
class TrafficSettings:
    """How often the data plane reports, and how long it waits, in seconds."""

    metric_period_seconds: float = 60.0
    capture_flush_seconds: float = 60.0
    log_flush_seconds: float = 1.0
    invocation_timeout_seconds: float = INVOCATION_TIMEOUT_SECONDS
    serverless_idle_seconds: float = 300.0
    endpoint_idle_seconds: float = 0.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> TrafficSettings:
        return cls(
            metric_period_seconds=float(environment.get("SAGEMAKER_LOCAL_METRIC_PERIOD_SECONDS", "60")),
            capture_flush_seconds=float(environment.get("SAGEMAKER_LOCAL_CAPTURE_FLUSH_SECONDS", "60")),
            log_flush_seconds=float(environment.get("SAGEMAKER_LOCAL_LOG_FLUSH_SECONDS", "1")),
            serverless_idle_seconds=float(environment.get("SAGEMAKER_LOCAL_SERVERLESS_IDLE_SECONDS", "300")),
            endpoint_idle_seconds=float(environment.get("SAGEMAKER_LOCAL_ENDPOINT_IDLE_SECONDS", "0")),
        )


class DataPlane:
    """All that runs and the routes to it. The application mounts `routes` and closes it at the end.

    `set_route` and `remove_route` take effect between two requests: a request that has chosen its variant is
    answered by it, and `stop_variant` waits for it.
    """

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        cloud: Cloud,
        traffic: TrafficSettings | None = None,
        asked: Ask = ask,
        metric_seconds: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """metric_seconds: how late the next value of a metric is."""
        traffic = traffic or TrafficSettings.from_environment()
        self._backend = backend
        self._cloud = cloud
        self._serverless_idle_seconds = traffic.serverless_idle_seconds
        self._endpoint_idle_seconds = traffic.endpoint_idle_seconds
        self._folder = settings.data_dir / "endpoints"
        shutil.rmtree(self._folder, ignore_errors=True)  # what a plane before this one had unpacked
        self._folder.mkdir(parents=True)
        self._routers = Routers()
        self._running: set[RunningVariant] = set()
        self._logs = LogShipper(lambda: cloud.logs, traffic.log_flush_seconds)
        self._metrics = Metrics(
            lambda: cloud.cloudwatch,
            traffic.metric_period_seconds,
            live=self._realtime,
            late_seconds=metric_seconds,
        )
        self._capture = Capture(lambda: cloud.s3, traffic.capture_flush_seconds)
        timeout_seconds = traffic.invocation_timeout_seconds
        self._shadows = Shadows(self._metrics, self._capture, timeout_seconds)
        invocations = Invocations(
            self._routers,
            self._metrics,
            self._capture,
            self._shadows,
            settings.account,
            timeout_seconds,
            asked,
        )
        self._asynchronous = Asynchronous(
            settings.data_dir / "async-queues",
            cloud,
            self._metrics,
            self._routers,
            settings.account,
            traffic.metric_period_seconds,
        )
        self.routes = [
            HttpRoute("/endpoints/{name}/invocations", invocations, methods=["POST"]),
            HttpRoute(
                "/endpoints/{name}/invocations-response-stream",
                StreamInvocations(invocations, self._metrics),
                methods=["POST"],
            ),
            self._asynchronous.route,
        ]

    async def start_variant(self, spec: VariantSpec, *, cold: bool = False) -> RunningVariant:
        """Download and unpack the model, start the servers, wait for /ping.

        cold: it came up before; a variant that may sleep need not do so again before somebody asks.
        Raises `VariantFailedError` with the FailureReason; nothing is left running then.
        """
        for background in (self._logs.background, self._metrics.background, self._capture.background):
            background.start()
        sleeps = cold and spec.serverless is not None and not spec.serverless.provisioned
        running = self._variant(spec, await self._more(spec, spec.instance_count, start=not sleeps))
        self._running.add(running)
        if isinstance(running, ServerlessVariant):
            running.rest()
        return running

    def _variant(self, spec: VariantSpec, instances: list[Server]) -> RunningVariant:
        if spec.serverless is None and self._endpoint_idle_seconds and not spec.is_asynchronous:
            return IdleVariant(spec, instances, self._endpoint_idle_seconds)
        if spec.serverless is None:
            return RunningVariant(spec, instances)
        return ServerlessVariant(spec, instances, spec.serverless, self._serverless_idle_seconds)

    async def resize_variant(self, running: RunningVariant, count: int) -> None:
        """Start instances, or stop some when their requests are answered, until there are `count`.

        Raises `VariantFailedError`; the variant has the instances it had then.
        """
        await running.ready()
        missing = count - len(running.instances)
        if missing > 0:
            running.instances += await self._more(running.spec, missing)
        elif missing < 0:
            await self._stop_instances(await running.retire(count))
        running.spec = replace(running.spec, instance_count=count)

    async def _more(self, spec: VariantSpec, count: int, *, start: bool = True) -> list[Server]:
        instances = [self._instance(spec) for _ in range(count)]
        try:
            await self._fill(spec, instances)
            if start:
                await start_all(instances, spec.startup_timeout_seconds)
        except BackendError as error:
            await self._stop_instances(instances)
            raise VariantFailedError(str(error)) from error
        except BaseException:
            await self._stop_instances(instances)
            raise
        return instances

    async def stop_variant(self, running: RunningVariant) -> None:
        """Wait until its requests are answered, then stop its servers. Take it off its route first."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await running.drained()
        await self._end(running)

    def expect(self, endpoint: str) -> None:
        """The endpoint served before this life of the plane: until it does again, requests are asked to come back."""
        self._routers.returning.add(endpoint)

    def set_route(self, route: Route) -> None:
        """From the next request on, the endpoint serves by this route."""
        self._routers.serve(route)
        self._asynchronous.set_route(route)

    def remove_route(self, endpoint: str) -> None:
        """From the next request on, the endpoint is not found."""
        self._routers.forget(endpoint)
        self._asynchronous.remove_route(endpoint)

    def _realtime(self) -> Iterator[VariantSpec]:
        """The variants on instances that requests wait for."""
        for route in [router.route for router in self._routers.values() if not router.route.asynchronous]:
            shadow = [route.shadow] if route.shadow else []
            for variant, _ in (*route.variants, *shadow):
                if variant.spec.serverless is None:
                    yield variant.spec

    async def close(self) -> None:
        """Stop everything, then deliver what is left of metrics, captures and logs."""
        self._routers.pause()
        await self._asynchronous.close()
        await self._shadows.close()
        await asyncio.gather(*(self._end(running, CLOSE_GRACE_SECONDS) for running in list(self._running)))
        await asyncio.gather(
            self._metrics.close(), self._capture.background.close(), self._logs.background.close()
        )

    async def _fill(self, spec: VariantSpec, instances: list[Server]) -> None:
        """Give every container of every instance its /opt/ml/model."""
        for number, container in enumerate(spec.containers):
            folders = [instance.parts[number].spec.opt_ml / "model" for instance in instances]
            for folder in folders:
                folder.mkdir(parents=True)
            if container.model_data is not None and folders:
                uri, bring = container.model_data, install if container.is_archive else copy
                await asyncio.to_thread(bring, self._cloud.s3, uri, folders, self._folder)

    async def _end(self, running: RunningVariant, grace_seconds: float = STOP_GRACE_SECONDS) -> None:
        await running.close()
        await self._stop_instances(running.instances, grace_seconds)
        self._running.discard(running)

    async def _stop_instances(
        self, instances: list[Server], grace_seconds: float = STOP_GRACE_SECONDS
    ) -> None:
        await asyncio.gather(*(instance.stop(grace_seconds) for instance in instances))
        for instance in instances:
            for part in instance.parts:
                shutil.rmtree(part.spec.opt_ml, ignore_errors=True)

    def _instance(self, spec: VariantSpec) -> Server:
        """An instance with an id like EC2's, which names its log streams and its folders."""
        instance_id = f"i-{uuid.uuid4().hex[:17]}"
        parts = [self._container(spec, container, instance_id) for container in spec.containers]
        return Pipeline(parts) if len(parts) > 1 else parts[0]

    def _container(self, spec: VariantSpec, container: ContainerSpec, instance_id: str) -> Instance:
        place = "/".join(filter(None, (instance_id, container.hostname)))
        group, stream = f"/aws/sagemaker/Endpoints/{spec.endpoint}", f"{spec.variant}/{place}"
        program = ProgramSpec(
            name=f"{spec.endpoint}/{spec.variant}",
            image=container.image,
            command="serve",
            arguments=(),
            environment=container.environment,
            opt_ml=self._folder / spec.endpoint / place,
            log=lambda line: self._logs.line(group, stream, line),
            instance_type=spec.instance_type,
            memory_mb=spec.serverless.memory_mb if spec.serverless else 0,
        )
        return Instance(self._backend, program, container.hostname or "primary")
