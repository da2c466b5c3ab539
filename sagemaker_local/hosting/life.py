"""Carries out changes of endpoints: starts variants, swaps the route, stops what is no longer served.

Blue/green: the new variants are up and the route is swapped before an old one is stopped, so that no request
is lost. A variant whose model and instances stay the same is kept running. When a new variant does not come
up the old ones go on, and the endpoint is InService again with the reason.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from sagemaker_local.faults import Faults
from sagemaker_local.hosting import document as documents
from sagemaker_local.hosting import fleets
from sagemaker_local.hosting import guarded_deployment as guarded
from sagemaker_local.hosting.alarms import AlarmStates
from sagemaker_local.hosting.fleets import Traffic
from sagemaker_local.hosting.serving.spec import VariantFailedError
from sagemaker_local.hosting.serving.variant import RunningVariant
from sagemaker_local.hosting.specs import Fleet, all_specs, route
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document, Store, Transaction
from sagemaker_local.weather import NO_ROOM, Weather

_RECOVERY_SECONDS = 600.0
_LONGEST_PAUSE = 15.0
_RESTORED_AT_ONCE = 16  # all servers of a machine at once would miss their time limits
_log = logging.getLogger(__name__)


class EndpointDeployment:
    """One worker for all endpoints; each endpoint has at most one change under way."""

    def __init__(
        self,
        store: Store,
        traffic: Traffic,
        settings: Settings,
        alarms: AlarmStates,
        faults: Faults,
        weather: Weather,
    ) -> None:
        self._store = store
        self._traffic = traffic
        self._settings = settings
        self._alarms = alarms
        self._faults = faults
        self._weather = weather
        self._fleets: dict[str, Fleet] = {}
        self._restoring = asyncio.Semaphore(_RESTORED_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def converge(self, name: str) -> None:
        """Carry out the change that the endpoint's document describes."""
        self._spawn(self._carry_out(name))

    async def recover(self) -> None:
        """After a start of the plane: serve again what was served, settle what was interrupted."""
        self._spawn(self._maintain_some())
        for endpoint in await self._store.run(documents.mark_interrupted):
            name = endpoint["EndpointName"]
            if endpoint["EndpointStatus"] == "Deleting":
                self._spawn(self._delete(name))
                continue
            if "_Served" in endpoint:
                self._traffic.expect(name)
            self._spawn(self._restore(endpoint))

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
        await self._faults.while_stuck(name)
        await asyncio.sleep(self._weather.change_seconds())
        try:
            if "_Served" in endpoint and self._weather.gives_up():
                raise VariantFailedError(NO_ROOM)
            if "_Served" in endpoint and self._faults.takes_back(name):
                await self._change(name, lambda each: documents.serves(each, each["_Served"]))
            elif guarded.is_guarded(endpoint):
                await self._deploy(endpoint)
            else:
                await self._serve(name, endpoint["_Target"])
            await self._maintain(name)
        except (VariantFailedError, guarded.RolledBackError) as failure:
            said = self._weather.reason(str(failure)) if "_Served" in endpoint else str(failure)
            await self._change(name, lambda each: documents.gave_up(each, said))
        except Exception:
            _log.exception("the change of endpoint %s broke off", name)
            text = "Request to service failed. If failure persists after retry, contact customer support."
            await self._change(name, lambda each: documents.gave_up(each, text))

    async def _maintain_some(self) -> None:
        """Now and then one of those that serve, by the weather."""
        for wait, seconds in self._weather.maintenance():
            await asyncio.sleep(wait)
            serving = await self._store.run(
                lambda transaction: transaction.every(documents.KIND, "InService")
            )
            if serving:
                name = self._weather.chosen([each["EndpointName"] for each in serving])
                self._spawn(self._rest(name, seconds))

    async def _maintain(self, name: str) -> None:
        if seconds := self._faults.maintenance_of(name):
            await self._rest(name, seconds)

    async def _rest(self, name: str, seconds: float) -> None:
        """ "SystemUpdating: Endpoint is undergoing maintenance and cannot be updated or deleted or re-scaled until it
        has completed" (DescribeEndpoint); it serves meanwhile.
        """
        await self._change(name, lambda each: _turn(each, "InService", "SystemUpdating"))
        await asyncio.sleep(seconds)
        await self._change(name, lambda each: _turn(each, "SystemUpdating", "InService"))

    async def _serve(
        self, name: str, target: Document, reason: str | None = None, *, cold: bool = False
    ) -> None:
        """Bring the target up, swap the route to it, say so, and stop the rest."""
        before = await self._put_in_service(name, target, cold=cold)
        await self._change(name, lambda each: documents.serves(each, target, reason))
        await fleets.stop(self._traffic, before)

    async def _put_in_service(
        self, name: str, target: Document, *, cold: bool = False
    ) -> list[RunningVariant]:
        """The endpoint's route leads to the target when this returns; what is left to stop."""
        before = self._fleets.get(name, {})
        fleet = await fleets.bring_up(
            self._traffic, all_specs(self._settings, name, target), before, cold=cold
        )
        self._traffic.set_route(route(self._settings, name, target, fleet))
        self._fleets[name] = fleet
        return [running for running in before.values() if running not in fleet.values()]

    async def _deploy(self, endpoint: Document) -> None:
        """An update by its DeploymentConfig. Raises what `guarded_deployment.deploy` raises."""
        name, target = endpoint["EndpointName"], endpoint["_Target"]
        blue = self._fleets[name]
        site = guarded.Site(
            traffic=self._traffic,
            settings=self._settings,
            alarms=self._alarms,
            note=lambda status, message: self._note(name, status, message),
            backwards=lambda reason: self._change(name, lambda each: documents.rolls_back(each, reason)),
        )
        try:
            self._fleets[name] = await guarded.deploy(site, endpoint, blue)
        except guarded.RollbackFailedError as failure:
            reason = str(failure)
            self._fleets[name] = failure.both
            await self._change(name, lambda each: documents.rollback_failed(each, reason))
            return
        await self._change(name, lambda each: documents.serves(each, target))
        await fleets.stop(self._traffic, blue.values())

    async def _note(self, name: str, status: str, message: str) -> None:
        await self._store.run(lambda transaction: documents.note_progress(transaction, name, status, message))

    async def _delete(self, name: str) -> None:
        self._traffic.remove_route(name)
        await fleets.stop(self._traffic, self._fleets.pop(name, {}).values())
        await self._store.run(lambda transaction: documents.remove(transaction, name))

    async def _restore(self, endpoint: Document) -> None:
        """Try the target, then what served before, again and again: the store may come up after the plane.

        A guarded deployment begins anew, from the old config: nothing is served that was not baked.
        """
        name = endpoint["EndpointName"]
        clock = asyncio.get_running_loop().time
        deadline, pause = clock() + _RECOVERY_SECONDS, 1.0
        while True:
            if guarded.is_guarded(endpoint) and await self._begin_anew(endpoint):
                return
            async with self._restoring:
                reason = await self._first_that_serves(endpoint)
            if reason is None:
                return
            if clock() > deadline:
                break
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)
        self._traffic.remove_route(name)
        text = f"The endpoint could not be served again after a restart: {reason}"
        await self._change(name, lambda each: documents.failed(each, text))

    async def _begin_anew(self, endpoint: Document) -> bool:
        """Serve the old config, then deploy; False when the old one does not come up."""
        try:
            await self._put_in_service(endpoint["EndpointName"], endpoint["_Served"])
        except VariantFailedError as failure:
            _log.warning("what %s served does not come up again: %s", endpoint["EndpointName"], failure)
            return False
        await self._carry_out(endpoint["EndpointName"])
        return True

    async def _first_that_serves(self, endpoint: Document) -> str | None:
        """None when the target or what served before serves, else why the last one does not."""
        reason = None
        for key in [key for key in ("_Target", "_Served") if key in endpoint]:
            try:
                await self._serve(endpoint["EndpointName"], endpoint[key], reason, cold=key == "_Served")
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


def _turn(endpoint: Document, before: str, after: str) -> None:
    """Nothing where a change has begun meanwhile."""
    if endpoint["EndpointStatus"] == before:
        endpoint["EndpointStatus"] = after
