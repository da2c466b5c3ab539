"""Carries out changes of endpoints: starts variants, swaps the route, stops what is no longer served.

Blue/green: the new variants are up and the route is swapped before an old one is stopped, so that no request
is lost. A variant whose model and instances stay the same is kept running. When a new variant does not come
up the old ones go on, and the endpoint is InService again with the reason.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from sagemaker_local.resources import endpoint_document as documents
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document, Store, Transaction
from sagemaker_local.traffic.capture import CaptureConfig
from sagemaker_local.traffic.spec import AsyncConfig, Route, ServerlessConfig, VariantFailedError, VariantSpec
from sagemaker_local.traffic.variant import RunningVariant

_RECOVERY_SECONDS = 600.0
_LONGEST_PAUSE = 15.0
_ASYNC_CONCURRENT = 4
_log = logging.getLogger(__name__)

Fleet = dict[str, RunningVariant]


class Traffic(Protocol):
    """The part of the data plane that decides nothing."""

    async def start_variant(self, spec: VariantSpec) -> RunningVariant: ...

    async def stop_variant(self, running: RunningVariant) -> None: ...

    def set_route(self, route: Route) -> None: ...

    def remove_route(self, endpoint: str) -> None: ...


class EndpointDeployment:
    """One worker for all endpoints; each endpoint has at most one change under way."""

    def __init__(self, store: Store, traffic: Traffic, settings: Settings) -> None:
        self._store = store
        self._traffic = traffic
        self._settings = settings
        self._fleets: dict[str, Fleet] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def converge(self, name: str) -> None:
        """Carry out the change that the endpoint's document describes."""
        self._spawn(self._carry_out(name))

    async def recover(self) -> None:
        """After a start of the plane: serve again what was served, settle what was interrupted."""
        for endpoint in await self._store.run(documents.mark_interrupted):
            name = endpoint["EndpointName"]
            deleting = endpoint["EndpointStatus"] == "Deleting"
            self._spawn(self._delete(name) if deleting else self._restore(endpoint))

    async def close(self) -> None:
        """Leave every change where it is: the next start takes it up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a change of an endpoint broke off", exc_info=task.exception())

    async def _carry_out(self, name: str) -> None:
        endpoint = await self._store.run(lambda transaction: transaction.get(documents.KIND, name))
        if endpoint is None:
            return
        if endpoint["EndpointStatus"] == "Deleting":
            await self._delete(name)
            return
        try:
            await self._serve(name, endpoint["_Target"])
        except VariantFailedError as failure:
            reason = str(failure)
            await self._change(name, lambda each: documents.gave_up(each, reason))
        except Exception as error:
            _log.exception("the change of endpoint %s broke off", name)
            text = f"Request to service failed: {error}"
            await self._change(name, lambda each: documents.gave_up(each, text))

    async def _serve(self, name: str, target: Document, reason: str | None = None) -> None:
        """Bring the target up, swap the route to it, say so, and stop the rest."""
        before = self._fleets.get(name, {})
        fleet = await self._bring_up(name, target, before)
        self._traffic.set_route(self._route(name, target, fleet))
        self._fleets[name] = fleet
        await self._change(name, lambda each: documents.serves(each, target, reason))
        await self._stop([running for running in before.values() if running not in fleet.values()])

    async def _bring_up(self, name: str, target: Document, before: Fleet) -> Fleet:
        specs = {goal["VariantName"]: self._spec(name, goal) for goal in target["Variants"]}
        fleet = {
            variant: before[variant] for variant, spec in specs.items() if _is_kept(before.get(variant), spec)
        }
        missing = [spec for variant, spec in specs.items() if variant not in fleet]
        outcomes = await asyncio.gather(*map(self._start, missing), return_exceptions=True)
        started = [each for each in outcomes if not isinstance(each, BaseException)]
        failures = [each for each in outcomes if isinstance(each, BaseException)]
        if failures:
            await self._stop(started)
            raise failures[0]
        return fleet | {running.spec.variant: running for running in started}

    async def _start(self, spec: VariantSpec) -> RunningVariant:
        try:
            return await self._traffic.start_variant(spec)
        except VariantFailedError:
            raise
        except Exception as error:
            _log.exception("variant %s of endpoint %s could not be started", spec.variant, spec.endpoint)
            text = f"Unable to start production variant {spec.variant}: {error}"
            raise VariantFailedError(text) from error

    async def _stop(self, fleet: list[RunningVariant]) -> None:
        for outcome in await asyncio.gather(*map(self._traffic.stop_variant, fleet), return_exceptions=True):
            if isinstance(outcome, Exception):
                _log.error("a variant could not be stopped", exc_info=outcome)

    async def _delete(self, name: str) -> None:
        self._traffic.remove_route(name)
        await self._stop(list(self._fleets.pop(name, {}).values()))
        await self._store.run(lambda transaction: documents.remove(transaction, name))

    async def _restore(self, endpoint: Document) -> None:
        """Try the target, then what served before, again and again: the store may come up after the plane."""
        name = endpoint["EndpointName"]
        candidates = [endpoint[key] for key in ("_Target", "_Served") if key in endpoint]
        clock = asyncio.get_running_loop().time
        deadline, pause = clock() + _RECOVERY_SECONDS, 1.0
        while True:
            reason = await self._first_that_serves(name, candidates)
            if reason is None:
                return
            if clock() > deadline:
                break
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)
        text = f"The endpoint could not be served again after a restart: {reason}"
        await self._change(name, lambda each: documents.failed(each, text))

    async def _first_that_serves(self, name: str, candidates: list[Document]) -> str | None:
        """None when one serves, else why the last one does not."""
        reason = None
        for target in candidates:
            try:
                await self._serve(name, target, reason)
            except VariantFailedError as failure:
                reason = str(failure)
            else:
                return None
        return reason

    async def _change(self, name: str, change: Callable[[Document], None]) -> None:
        def work(transaction: Transaction) -> None:
            endpoint = transaction.get(documents.KIND, name)
            if endpoint is not None:
                endpoint["LastModifiedTime"] = transaction.now
                change(endpoint)
                documents.save(transaction, endpoint)

        await self._store.run(work)

    def _spec(self, endpoint: str, goal: Document) -> VariantSpec:
        container = goal["Container"]
        return VariantSpec(
            endpoint=endpoint,
            variant=goal["VariantName"],
            model_name=container["ModelName"],
            image=container["Image"],
            environment=self._settings.container_environment() | container["Environment"],
            model_data=container["ModelData"],
            instance_count=1 if goal.get("Serverless") else goal["InstanceCount"],
            startup_timeout_seconds=container["Timeout"],
            serverless=_serverless(goal.get("Serverless")),
        )

    def _route(self, name: str, target: Document, fleet: Fleet) -> Route:
        goals = target["Variants"]
        return Route(
            endpoint=name,
            config=target["EndpointConfigName"],
            account=self._settings.account,
            region=self._settings.region,
            variants=tuple((fleet[goal["VariantName"]], float(goal["Weight"])) for goal in goals),
            capture=_capture(target["Capture"]),
            asynchronous=_asynchronous(target.get("Async")),
        )


def _capture(config: Document | None) -> CaptureConfig | None:
    if config is None or not config.get("EnableCapture"):
        return None
    headers = config.get("CaptureContentTypeHeader", {})
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    return CaptureConfig(
        destination=config["DestinationS3Uri"],
        sampling_percentage=float(config["InitialSamplingPercentage"]),
        modes=frozenset({"Input", "Output"}) if "InputAndOutput" in modes else frozenset(modes),
        csv_content_types=tuple(headers.get("CsvContentTypes", ())),
        json_content_types=tuple(headers.get("JsonContentTypes", ())),
    )


def _asynchronous(config: Document | None) -> AsyncConfig | None:
    if config is None:
        return None
    output = config["OutputConfig"]
    topics = output.get("NotificationConfig", {})
    client = config.get("ClientConfig", {})
    return AsyncConfig(
        output_path=output.get("S3OutputPath"),
        failure_path=output.get("S3FailurePath"),
        success_topic=topics.get("SuccessTopic"),
        error_topic=topics.get("ErrorTopic"),
        include_in=frozenset(topics.get("IncludeInferenceResponseIn", ())),
        # "If no value is provided, SageMaker chooses an optimal value"
        max_concurrent=client.get("MaxConcurrentInvocationsPerInstance", _ASYNC_CONCURRENT),
    )


def _serverless(config: Document | None) -> ServerlessConfig | None:
    if config is None:
        return None
    return ServerlessConfig(
        memory_mb=config["MemorySizeInMB"],
        max_concurrency=config["MaxConcurrency"],
        provisioned=config.get("ProvisionedConcurrency", 0),
    )


def _is_kept(running: RunningVariant | None, spec: VariantSpec) -> bool:
    return running is not None and running.spec == spec
