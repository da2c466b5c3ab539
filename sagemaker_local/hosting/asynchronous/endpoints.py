"""All asynchronous endpoints of the data plane: made and ended as routes come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.routing import Route as HttpRoute

from sagemaker_local.background import Background
from sagemaker_local.hosting.asynchronous.invoke import AsyncInvocations
from sagemaker_local.hosting.asynchronous.queue import AsyncEndpoint, AsyncServices
from sagemaker_local.hosting.asynchronous.request import Spool
from sagemaker_local.hosting.invoking.metrics import Metrics
from sagemaker_local.hosting.invoking.route import Route
from sagemaker_local.hosting.invoking.router import Routers

if TYPE_CHECKING:
    from sagemaker_local.cloud import Cloud


class Asynchronous:
    """`routers` are all endpoints that are served, by name."""

    def __init__(
        self,
        folder: Path,
        cloud: Cloud,
        metrics: Metrics,
        routers: Routers,
        account: str,
        period_seconds: float,
    ) -> None:
        self._services = AsyncServices(cloud, metrics, Spool(folder))
        self._endpoints: dict[str, AsyncEndpoint] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._reports = Background("async queues", period_seconds, self._report)
        invocations = AsyncInvocations(self._endpoints, routers, self._services.spool, account)
        self.route = HttpRoute("/endpoints/{name}/async-invocations", invocations.handle, methods=["POST"])

    def set_route(self, route: Route) -> None:
        """Serve the endpoint by its new route; also one that is asynchronous no more."""
        if route.asynchronous is None:
            self.remove_route(route.endpoint)
            return
        known = self._endpoints.get(route.endpoint)
        if known is not None:
            known.serve(route)
        else:
            self._reports.start()
            known = self._endpoints[route.endpoint] = AsyncEndpoint(route, self._services)
            known.submit(*self._services.spool.waiting(route.endpoint))
        self._spawn(known.test_notifications())

    def remove_route(self, endpoint: str) -> None:
        """The endpoint is gone, and what waited in its queue with it."""
        known = self._endpoints.pop(endpoint, None)
        if known is not None:
            self._spawn(self._forget(known))

    async def close(self) -> None:
        """Stop with the plane: what waits is taken up by its next life."""
        endpoints = list(self._endpoints.values())
        self._endpoints.clear()
        await asyncio.gather(*(endpoint.close() for endpoint in endpoints), *self._tasks)
        await self._reports.close()

    async def _forget(self, endpoint: AsyncEndpoint) -> None:
        await endpoint.close()
        spool = self._services.spool
        for request in await asyncio.to_thread(spool.waiting, endpoint.route.endpoint):
            await asyncio.to_thread(spool.forget, request)

    async def _report(self) -> None:
        for endpoint in self._endpoints.values():
            endpoint.report()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
