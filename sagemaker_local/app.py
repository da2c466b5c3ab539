"""The plane as one ASGI application: the control plane, the data plane, and two pages of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from sagemaker_local import places
from sagemaker_local.access.guard import Guard, Rules
from sagemaker_local.cloud import Cloud
from sagemaker_local.control.context import Context, Request
from sagemaker_local.events import EventPump
from sagemaker_local.fault_rules import load
from sagemaker_local.faults import Faults
from sagemaker_local.hosting.alarms import CloudWatchAlarms
from sagemaker_local.hosting.data_plane import DataPlane
from sagemaker_local.hosting.fleets import Traffic
from sagemaker_local.hosting.invoking.scripted import scripted, scripted_ask
from sagemaker_local.hosting.life import EndpointDeployment
from sagemaker_local.logs import LogShipper
from sagemaker_local.operations import OPERATIONS
from sagemaker_local.pages import HEALTH, Pages
from sagemaker_local.processing.life import ProcessingRuns
from sagemaker_local.runtime.backend import Backend
from sagemaker_local.runtime.images import Images
from sagemaker_local.runtime.process import ProcessBackend
from sagemaker_local.runtime.scripted import ScriptedBackend
from sagemaker_local.scaling.readings import CloudWatchReadings
from sagemaker_local.scaling.scaler import Scaler
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document, Store, Transaction
from sagemaker_local.training.life import TrainingRuns
from sagemaker_local.training.metrics import MetricPublisher
from sagemaker_local.training.tuning_progress import TuningProgress
from sagemaker_local.transform.life import TransformRuns
from sagemaker_local.tuning.life import TuningRuns
from sagemaker_local.weather import Weather
from sagemaker_local.wire.dispatch import Dispatcher, no_operation
from sagemaker_local.wire.errors import ServiceError

ADVICE = "Sign with the keys of the file that it was started with (--keys-file)."


class ClosingBackend(Backend, Protocol):
    async def close(self) -> None: ...


class ServingTraffic(Traffic, Protocol):
    """The data plane as the application sees it."""

    @property
    def routes(self) -> Sequence[BaseRoute]: ...

    async def close(self) -> None: ...


@dataclass
class Plane:
    """Everything that runs; made inside the event loop, closed in the opposite order."""

    settings: Settings
    cloud: Cloud
    faults: Faults
    weather: Weather
    store: Store
    backend: ClosingBackend
    traffic: ServingTraffic
    training: TrainingRuns
    transforms: TransformRuns
    processing: ProcessingRuns
    tuning: TuningRuns
    endpoints: EndpointDeployment
    pump: EventPump
    logs: LogShipper
    metrics: MetricPublisher

    def __post_init__(self) -> None:
        period = self.settings.scaling_period_seconds
        readings = CloudWatchReadings(lambda: self.cloud.cloudwatch, period)
        self.scaler = Scaler(self.store, readings, period, self.context)

    def context(self, transaction: Transaction) -> Context:
        """What an operation of this transaction may use."""
        return Context(
            transaction=transaction,
            settings=self.settings,
            backend=self.backend,
            training_jobs=self.training,
            transform_jobs=self.transforms,
            processing_jobs=self.processing,
            tuning_jobs=self.tuning,
            endpoints=self.endpoints,
        )

    async def perform(self, operation: str, request: Request) -> Document | None:
        """Carry out one operation as one transaction; what a fault rule says comes before and after it."""

        def work(transaction: Transaction) -> Document | None:
            self.faults.check_quota(transaction, operation, request)
            answer = OPERATIONS[operation](self.context(transaction), request)
            if absent is not None:  # last: what the operation refuses by itself needs no look at S3
                raise absent
            return answer

        await self.faults.before(operation, request)
        absent = await self._absent(operation, request)
        answer = await self.store.run(work)
        self.faults.after(operation, request)
        return self.weather.shown(operation, request, answer)

    async def _absent(self, operation: str, request: Request) -> ServiceError | None:
        """The refusal of a request that is to read what is not in S3; others cost no look."""
        if operation not in places.READING:
            return None
        return await asyncio.to_thread(places.absent, self.cloud.s3, operation, request, self.settings.region)

    async def close(self) -> None:
        """Stop everything that runs, then ship what it said."""
        await self.scaler.background.close()
        await self.tuning.close()
        await self.training.close()
        await self.transforms.close()
        await self.processing.close()
        await self.endpoints.close()
        await self.traffic.close()
        await self.backend.close()
        await self.logs.background.close()
        await self.metrics.background.close()
        self.store.close()


def build(
    settings: Settings, backend: ClosingBackend | None = None, traffic: ServingTraffic | None = None
) -> Plane:
    """Join the parts: the real ones, unless a test brings its own."""
    cloud = Cloud(settings)
    weather = Weather(settings.weather, settings.weather_minute_seconds, settings.weather_seed)
    faults = Faults([fault for file in settings.faults for fault in load(file)], weather)
    store = Store(settings.data_dir / "plane.sqlite3", deliveries=faults.deliveries)
    backend = backend or ProcessBackend(
        settings.data_dir, Images(settings.images), locks=settings.keys is not None
    )
    traffic = traffic or DataPlane(
        ScriptedBackend(backend, faults, "endpoint"),
        settings,
        cloud,
        asked=scripted_ask(faults),
        metric_seconds=weather.metric_seconds,
    )
    for_jobs = ScriptedBackend(backend, faults, "job")
    logs = LogShipper(lambda: cloud.logs, settings.log_flush_seconds)
    metrics = MetricPublisher(lambda: cloud.cloudwatch, settings.log_flush_seconds)
    progress = TuningProgress()
    training = TrainingRuns(store, for_jobs, cloud, logs, metrics, settings, progress, faults.has_capacity)
    return Plane(
        settings=settings,
        cloud=cloud,
        faults=faults,
        weather=weather,
        store=store,
        backend=backend,
        traffic=traffic,
        training=training,
        transforms=TransformRuns(store, for_jobs, cloud, logs, settings, settings.transform_jobs_at_once),
        processing=ProcessingRuns(store, for_jobs, cloud, logs, settings, settings.processing_jobs_at_once),
        endpoints=EndpointDeployment(
            store, traffic, settings, CloudWatchAlarms(lambda: cloud.cloudwatch), faults, weather
        ),
        tuning=TuningRuns(store, training, settings, progress),
        pump=EventPump(store, settings),
        logs=logs,
        metrics=metrics,
    )


@contextlib.asynccontextmanager
async def running(plane: Plane) -> AsyncIterator[Plane]:
    """Take up what the life before left, work, and stop all children at the end."""
    plane.logs.background.start()
    plane.metrics.background.start()
    await plane.training.recover()
    await plane.transforms.recover()
    await plane.processing.recover()
    await plane.tuning.recover()
    await plane.endpoints.recover()
    plane.scaler.background.start()
    pump = asyncio.create_task(plane.pump.run(), name="events")
    try:
        yield plane
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)
        await plane.close()


def application(plane: Plane) -> Guard:
    """`POST /` for the control plane, the data plane's own routes, and the plane's own pages under `/_local/`."""
    dispatcher = Dispatcher(OPERATIONS, plane.perform)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with running(plane):
            yield

    routes: list[BaseRoute] = [
        Route("/", dispatcher.handle, methods=["POST"]),
        *Pages(plane.store, plane.faults).routes,
        *scripted(plane.traffic.routes, plane.faults),
        Route("/{path:path}", no_operation, methods=["GET", "POST", "PUT", "DELETE", "PATCH"]),
    ]
    rules = Rules(plane.settings.keys, unsigned=frozenset({HEALTH}), owners=("/_local/",), advice=ADVICE)
    return Guard(Starlette(routes=routes, lifespan=lifespan), rules)
