"""An update by its DeploymentConfig: step by step, watched by alarms, and back when one trips.

Blue/green: the new fleet is whole before its first step, the old one until the end. Rolling: the old fleet shrinks
as the new one grows. In both the old config serves until every request can be answered by the new one, and
nothing is stopped before its requests are answered.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

from sagemaker_local.hosting import fleets
from sagemaker_local.hosting.alarms import AlarmStates, AlarmTrippedError, Bake
from sagemaker_local.hosting.deployment_config import Plan, instances_of, plan
from sagemaker_local.hosting.fleets import Traffic
from sagemaker_local.hosting.serving.spec import VariantFailedError, VariantSpec
from sagemaker_local.hosting.serving.variant import RunningVariant
from sagemaker_local.hosting.specs import Fleet, all_specs, route, split_route
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document
from sagemaker_local.wording import in_words


class RolledBackError(Exception):
    """The old config serves all requests again; str() is the FailureReason."""


class RollbackFailedError(Exception):
    """ "Both the rolling deployment and auto-rollback failed": old and new instances serve; str() says why."""

    def __init__(self, reason: str, both: Fleet) -> None:
        super().__init__(reason)
        self.both = both


@dataclass(frozen=True)
class Site:
    """Where a deployment happens. `note(status, message)` shows a VariantStatus to who asks; `backwards(reason)`
    says that the deployment is being undone."""

    traffic: Traffic
    settings: Settings
    alarms: AlarmStates
    note: Callable[[str, str], Awaitable[None]]
    backwards: Callable[[str], Awaitable[None]]


def is_guarded(endpoint: Document) -> bool:
    """Whether the change under way has a DeploymentConfig and an old fleet to go back to."""
    return bool(endpoint.get("_Target", {}).get("Deployment")) and "_Served" in endpoint


async def deploy(site: Site, endpoint: Document, blue: Fleet) -> Fleet:
    """Move all traffic from `blue` to a new fleet and return that one; blue's remains are the caller's to stop.

    Raises VariantFailedError (nothing new came up), RolledBackError and RollbackFailedError.
    """
    target = endpoint["_Target"]
    steps = plan(target["Deployment"], instances_of(target))
    deployment = (_Rolling if steps.rolling else _BlueGreen)(site, endpoint, blue, steps)
    return await deployment.run()


class _BlueGreen:
    def __init__(self, site: Site, endpoint: Document, blue: Fleet, steps: Plan) -> None:
        self._site = site
        self._name = endpoint["EndpointName"]
        self._served, self._target = endpoint["_Served"], endpoint["_Target"]
        self._blue, self._green = blue, Fleet()
        self._plan = steps
        self._bake = Bake(site.alarms, steps.alarms, site.settings.alarm_period_seconds)

    async def run(self) -> Fleet:
        async with self._undone_when_it_fails():
            await self._begin()
            for number, turned_on in enumerate(self._plan.steps, 1):
                await self._step(turned_on, f"step {number} of {len(self._plan.steps)}")
            await self._bake.wait(self._plan.termination_seconds)
        return self._green

    @contextlib.asynccontextmanager
    async def _undone_when_it_fails(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._plan.timeout_seconds):
                yield
        except AlarmTrippedError as tripped:
            await self._undo(f"The deployment was rolled back: {tripped}.")
        except TimeoutError:
            limit = f"MaximumExecutionTimeoutInSeconds ({self._plan.timeout_seconds})"
            await self._undo(f"The deployment was rolled back: it exceeded {limit}.")
        except VariantFailedError as failure:
            if not self._green:
                raise
            await self._undo(str(failure))

    async def _begin(self) -> None:
        """The new fleet, before it takes traffic. Both are metered apart from here on."""
        for running in self._blue.values():
            running.meter_as(self._served["EndpointConfigName"])
        specs = all_specs(self._site.settings, self._name, self._target)
        self._green = await fleets.bring_up(self._site.traffic, self._first(specs), {})
        for running in self._green.values():
            running.meter_as(self._target["EndpointConfigName"])

    def _first(self, specs: list[VariantSpec]) -> list[VariantSpec]:
        return specs

    async def _step(self, turned_on: dict[str, float], which: str) -> None:
        await self._site.note("ActivatingTraffic", f"Turning on traffic: {which}.")
        self._split(turned_on)
        await self._site.note("Baking", f"Monitoring the alarms: {which}.")
        await self._bake.wait(self._plan.bake_seconds)

    def _split(self, turned_on: dict[str, float]) -> None:
        both = (self._served, self._blue), (self._target, self._green)
        self._site.traffic.set_route(split_route(self._site.settings, self._name, *both, turned_on))

    async def _undo(self, reason: str) -> None:
        await self._site.backwards(reason)
        await self._give_back()
        self._site.traffic.set_route(route(self._site.settings, self._name, self._served, self._blue))
        for running in self._blue.values():
            running.meter_as(None)
        await fleets.stop(self._site.traffic, self._green.values())
        raise RolledBackError(reason)

    async def _give_back(self) -> None:
        """The old fleet can take all traffic when this returns; here it always could."""


class _Rolling(_BlueGreen):
    """One variant: batches of the new fleet come up, the same share of the old one goes."""

    def _first(self, specs: list[VariantSpec]) -> list[VariantSpec]:
        (spec,) = specs
        self._spec = spec
        self._old_count = self._served["Variants"][0]["InstanceCount"]
        return [
            replace(spec, instance_count=self._count(spec.instance_count, self._plan.steps[0][spec.variant]))
        ]

    async def _step(self, turned_on: dict[str, float], which: str) -> None:
        share = turned_on[self._spec.variant]
        await self._site.note("Updating", f"Provisioning capacity: {which}.")
        await self._site.traffic.resize_variant(self._new, self._count(self._spec.instance_count, share))
        await super()._step(turned_on, which)
        left = self._old_count - self._count(self._old_count, share)
        await self._site.note("Deleting", f"Terminating old capacity: {which}.")
        await self._site.traffic.resize_variant(self._old, left)

    async def _give_back(self) -> None:
        """Batch by batch, as RollbackMaximumBatchSize says. Raises RollbackFailedError."""
        batch = self._count(self._old_count, self._plan.back)
        try:
            while (have := len(self._old.instances)) < self._old_count:
                await self._site.traffic.resize_variant(self._old, min(self._old_count, have + batch))
        except Exception as error:
            both = self._blue | {f"{name} (new)": running for name, running in self._green.items()}
            why = f"The deployment and its rollback failed: {in_words(error)}"
            raise RollbackFailedError(why, both) from error

    @property
    def _old(self) -> RunningVariant:
        return next(iter(self._blue.values()))

    @property
    def _new(self) -> RunningVariant:
        return next(iter(self._green.values()))

    @staticmethod
    def _count(instances: int, share: float) -> int:
        """Whole instances of a share, at least one where there are any."""
        return min(instances, max(1, round(instances * share)))
