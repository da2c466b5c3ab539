"""Realtime variants that may sleep: memory comes back, and the next request waits for the servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from sagemaker_local.hosting.data_plane import DataPlane, TrafficSettings
from sagemaker_local.hosting.serving.idle import IdleVariant
from sagemaker_local.runtime.process import ProcessBackend
from sagemaker_local.settings import Settings
from tests.plane.support.variants import eventually, invoke, route, variant_spec

pytestmark = pytest.mark.anyio
IDLE_SECONDS = 1.0


@pytest.fixture
async def plane(backend: ProcessBackend, settings: Settings, cloud: Any) -> AsyncIterator[DataPlane]:
    plane = DataPlane(backend, settings, cloud, TrafficSettings(endpoint_idle_seconds=IDLE_SECONDS))
    yield plane
    await plane.close()


async def test_sleeps_when_nobody_asks_and_wakes_for_who_does(
    plane: DataPlane, client: httpx.AsyncClient, backend: ProcessBackend
) -> None:
    running = await plane.start_variant(variant_spec(instance_count=2))
    plane.set_route(route((running, 1.0)))
    assert backend.running == 2
    for _ in range(2):
        await eventually(lambda: backend.running == 0)
        answers = await asyncio.gather(*(invoke(client, f"{number}") for number in range(6)))
        assert [answer.text for answer in answers] == [f"no model|{number}" for number in range(6)]
        assert backend.running == 2
    await plane.stop_variant(running)
    assert backend.running == 0


async def test_nobody_is_put_to_sleep_in_the_middle_of_an_answer(
    plane: DataPlane, client: httpx.AsyncClient, backend: ProcessBackend
) -> None:
    running = await plane.start_variant(variant_spec())
    plane.set_route(route((running, 1.0)))
    assert (await invoke(client, f"sleep:{IDLE_SECONDS * 2}")).status_code == 200
    assert backend.running == 1  # it was used until now
    await eventually(lambda: backend.running == 0)


async def test_a_server_that_comes_up_no_more_is_a_model_error(
    plane: DataPlane, client: httpx.AsyncClient, backend: ProcessBackend
) -> None:
    running = await plane.start_variant(variant_spec(startup_timeout_seconds=60))
    plane.set_route(route((running, 1.0)))
    await eventually(lambda: backend.running == 0)
    container = running.instances[0].parts[0]
    container.spec = replace(container.spec, environment={"TOY_CRASH": "1"})
    answer = await invoke(client, "1")
    assert answer.status_code == 424
    assert "did not pass the ping health check" in answer.json()["Message"]


async def test_grows_while_it_sleeps(plane: DataPlane, backend: ProcessBackend) -> None:
    running = await plane.start_variant(variant_spec())
    await eventually(lambda: backend.running == 0)
    await plane.resize_variant(running, 3)
    assert len(running.instances) == 3


async def test_asynchronous_variants_stay_up(plane: DataPlane) -> None:
    assert not isinstance(await plane.start_variant(variant_spec(is_asynchronous=True)), IdleVariant)
