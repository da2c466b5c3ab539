"""Stand-ins behind the plane's seams: programs that are coroutines, variants that serve nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from starlette.routing import BaseRoute

from sagemaker_local.hosting.invoking.route import Route
from sagemaker_local.hosting.serving.spec import VariantFailedError, VariantSpec
from sagemaker_local.hosting.serving.variant import RunningVariant
from sagemaker_local.runtime.backend import ProgramSpec, UnknownImageError

Behaviour = Callable[[ProgramSpec, asyncio.Event], Awaitable[int]]


class FakeProgram:
    """A coroutine as a container: it gets its spec and an event that stands for SIGTERM."""

    pid = 0
    port: int | None = None
    key = b""

    def __init__(self, spec: ProgramSpec, behaviour: Behaviour) -> None:
        self.terminated = asyncio.Event()
        self._task: asyncio.Task[int] = asyncio.ensure_future(behaviour(spec, self.terminated))

    def has_bound(self) -> bool:
        return True

    def listening(self) -> str:
        return ""

    async def wait(self) -> int:
        try:
            return await asyncio.shield(self._task)
        except asyncio.CancelledError:
            if self._task.cancelled():
                return 137
            raise

    async def stop(self, grace_seconds: float) -> None:
        self.terminated.set()
        await asyncio.wait({self._task}, timeout=grace_seconds)
        self._task.cancel()
        await asyncio.wait({self._task})


class FakeBackend:
    """Images by name; each is a behaviour. `specs` are all programs started so far."""

    def __init__(self) -> None:
        self.images: dict[str, Behaviour] = {}
        self.specs: list[ProgramSpec] = []

    def check(self, image: str) -> None:
        if image not in self.images:
            raise UnknownImageError(f"register {image} with --images")

    async def start(self, spec: ProgramSpec, *, port: int | None = None) -> FakeProgram:
        self.specs.append(spec)
        return FakeProgram(spec, self.images[spec.image])

    async def close(self) -> None:
        return None


def _instances(count: int) -> list[Any]:
    return [SimpleNamespace(outstanding=0) for _ in range(count)]


class FakeTraffic:
    """Writes down what it is told; `models` are the routes by model.

    Variants of images in `broken` do not come up; `gate` holds all starts, `stops` all stops.
    """

    routes: tuple[BaseRoute, ...] = ()

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.serving: dict[str, Route] = {}
        self.models: list[dict[str, float]] = []
        self.broken: set[str] = set()
        self.crashing: set[str] = set()
        self.gate, self.stops = threading.Event(), threading.Event()
        self.gate.set()
        self.stops.set()

    async def start_variant(self, spec: VariantSpec, *, cold: bool = False) -> RunningVariant:
        while not self.gate.is_set():
            await asyncio.sleep(0.005)
        if spec.image in self.crashing:
            raise RuntimeError("the data plane has a bug")
        if spec.image in self.broken:
            raise VariantFailedError(
                f"The primary container for production variant {spec.variant} did not pass the ping health check."
            )
        self.calls.append(("start cold" if cold else "start", spec.variant))
        return RunningVariant(spec, _instances(spec.instance_count))

    async def resize_variant(self, running: RunningVariant, count: int) -> None:
        grows = count > len(running.instances)
        if grows and running.spec.image in self.broken:
            raise VariantFailedError("no more instances come up")
        running.instances = _instances(count)
        running.spec = replace(running.spec, instance_count=count)
        self.calls.append(("resize", (running.spec.model_name, count)))

    async def stop_variant(self, running: RunningVariant) -> None:
        while not self.stops.is_set():
            await asyncio.sleep(0.005)
        self.calls.append(("stop", running.spec.variant))

    def expect(self, endpoint: str) -> None:
        self.calls.append(("expect", endpoint))

    def set_route(self, route: Route) -> None:
        self.serving[route.endpoint] = route
        self.models.append({running.spec.model_name: weight for running, weight in route.variants})
        self.calls.append(("route", {running.spec.variant: weight for running, weight in route.variants}))

    def remove_route(self, endpoint: str) -> None:
        self.serving.pop(endpoint, None)
        self.calls.append(("unroute", endpoint))

    async def close(self) -> None:
        return None


async def succeed(spec: ProgramSpec, terminated: asyncio.Event) -> int:
    """A training that writes a model at once."""
    (spec.opt_ml / "model" / "model.json").write_text("{}")
    return 0
