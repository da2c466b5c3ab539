"""Variants, weights and configs change under load, and not one request is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from sagemaker_local.hosting.data_plane import DataPlane
from sagemaker_local.hosting.serving.spec import VariantFailedError
from sagemaker_local.hosting.serving.variant import RunningVariant
from sagemaker_local.runtime import process
from sagemaker_local.runtime.free_port import free_port
from sagemaker_local.runtime.process import ProcessBackend
from tests import patience
from tests.plane.support.variants import eventually, invoke, put_model, route, variant_spec

pytestmark = pytest.mark.anyio


class Load:
    """Clients that send one request after the other until told to stop; who answered is kept, and what failed."""

    def __init__(self, client: httpx.AsyncClient, clients: int = 8) -> None:
        self.answered_by: list[str] = []
        self.failed: list[tuple[int, str]] = []
        self._client, self._clients, self._is_over = client, clients, False

    async def __aenter__(self) -> Load:
        self._tasks = [asyncio.create_task(self._send()) for _ in range(self._clients)]
        return self

    async def __aexit__(self, *_: Any) -> None:
        self._is_over = True
        await asyncio.gather(*self._tasks)

    async def more(self, requests: int) -> Counter[str]:
        """Wait for so many more answers; who gave them."""
        start = len(self.answered_by)
        await eventually(lambda: len(self.answered_by) >= start + requests)
        return Counter(self.answered_by[start:])

    async def _send(self) -> None:
        while not self._is_over:
            answer = await invoke(self._client, "1,2,3")
            self.answered_by.append(answer.text.partition("|")[0])
            if answer.status_code != 200:
                self.failed.append((answer.status_code, answer.text))


async def test_a_whole_rollout_under_load_loses_no_request(
    plane: DataPlane, client: httpx.AsyncClient, cloud: Any
) -> None:
    async def start(name: str) -> RunningVariant:
        return await plane.start_variant(variant_spec(name, model_data=put_model(cloud, name)))

    champion, challenger = await start("champion"), await start("challenger")
    plane.set_route(route((champion, 1.0)))
    async with Load(client) as load:
        assert set(await load.more(100)) == {"champion"}
        for weight in (10, 25, 50):
            plane.set_route(route((champion, 100.0 - weight), (challenger, float(weight))))
            assert set(await load.more(200)) == {"champion", "challenger"}
        plane.set_route(route((challenger, 1.0), config="full"))
        await plane.stop_variant(champion)
        assert set(await load.more(100)) == {"challenger"}

    assert load.failed == []


async def test_variants_replaced_over_and_over_lose_no_request(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    running = await plane.start_variant(variant_spec("v0"))
    plane.set_route(route((running, 1.0)))
    async with Load(client) as load:
        for number in range(1, 4):
            await load.more(20)
            following = await plane.start_variant(variant_spec(f"v{number}"))
            plane.set_route(route((following, 1.0)))
            await plane.stop_variant(running)
            running = following

    assert load.failed == []


async def test_stop_variant_waits_for_the_answer_of_a_slow_request(
    plane: DataPlane, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    old, new = await plane.start_variant(variant_spec("old")), await plane.start_variant(variant_spec("new"))
    plane.set_route(route((old, 1.0)))
    slow = asyncio.create_task(invoke(client, f"wait:{tmp_path / 'go'}"))
    await eventually(lambda: old.outstanding == 1)

    plane.set_route(route((new, 1.0)))
    stop = asyncio.create_task(plane.stop_variant(old))
    assert (await invoke(client, "1")).status_code == 200
    assert not stop.done()
    (tmp_path / "go").touch()
    await stop

    assert slow.done()
    assert (await slow).status_code == 200


async def test_a_failed_health_check_is_reported_in_awss_words_and_leaves_nothing(
    plane: DataPlane, backend: ProcessBackend
) -> None:
    spec = variant_spec(environment={"TOY_PING_STATUS": "500"}, startup_timeout_seconds=1.0)

    with pytest.raises(VariantFailedError) as failure:
        await plane.start_variant(spec)

    assert str(failure.value) == (
        "The primary container for production variant blue did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )
    assert backend.running == 0


async def test_a_server_that_keeps_crashing_fails_long_before_the_time_limit(plane: DataPlane) -> None:
    spec = variant_spec(environment={"TOY_CRASH": "1"}, startup_timeout_seconds=600)

    async with asyncio.timeout(patience.SECONDS):
        with pytest.raises(VariantFailedError, match="did not pass the ping health check"):
            await plane.start_variant(spec)


async def test_a_port_that_a_stranger_took_meanwhile_is_no_server_of_the_variant(
    plane: DataPlane, client: httpx.AsyncClient, cloud: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port is free when it is chosen, and its server binds it a second later: other planes choose ports too."""
    stranger = await plane.start_variant(variant_spec("stranger", model_data=put_model(cloud, "stranger")))
    [taken] = [instance.parts[0].client._port for instance in stranger.instances]
    chosen = iter([taken])
    monkeypatch.setattr(process, "free_port", lambda used: next(chosen, 0) or free_port(used))

    own = await plane.start_variant(variant_spec("own", model_data=put_model(cloud, "own")))
    plane.set_route(route((own, 1.0)))

    assert {(await invoke(client, "1")).text for _ in range(20)} == {"own|1"}


async def test_one_failing_instance_of_several_fails_the_variant_and_stops_the_others(
    plane: DataPlane, backend: ProcessBackend
) -> None:
    with pytest.raises(VariantFailedError):
        await plane.start_variant(variant_spec(environment={"TOY_CRASH": "1"}, instance_count=3))

    assert backend.running == 0


async def test_a_missing_model_and_a_broken_archive_are_told_apart(plane: DataPlane, cloud: Any) -> None:
    cloud.s3.put_object(Bucket="artifacts", Key="broken.tar.gz", Body=b"not a tar")

    with pytest.raises(VariantFailedError, match=r"^Failed to download model data for container"):
        await plane.start_variant(variant_spec(model_data="s3://artifacts/missing.tar.gz"))
    with pytest.raises(VariantFailedError, match=r"^Failed to extract model data archive for container"):
        await plane.start_variant(variant_spec(model_data="s3://artifacts/broken.tar.gz"))


@pytest.mark.parametrize("value", ["nul\0", "\ud800"])
async def test_a_variable_that_no_program_can_be_given_fails_the_variant(
    plane: DataPlane, value: str
) -> None:
    """The pattern of AWS takes any character."""
    with pytest.raises(VariantFailedError, match="a character that no program can be given"):
        await plane.start_variant(variant_spec(environment={"A": value}))


async def test_an_image_nobody_registered_fails_the_variant_with_the_way_out(plane: DataPlane) -> None:
    with pytest.raises(VariantFailedError, match="--images"):
        await plane.start_variant(variant_spec(image="nobody:1"))


async def test_a_start_that_is_called_off_leaves_nothing(plane: DataPlane, backend: ProcessBackend) -> None:
    start = asyncio.create_task(
        plane.start_variant(variant_spec(environment={"TOY_PING_STATUS": "500"}, startup_timeout_seconds=60))
    )
    await eventually(lambda: backend.running == 1)

    start.cancel()

    with pytest.raises(asyncio.CancelledError):
        await start
    assert backend.running == 0


async def test_closing_the_plane_stops_every_server(
    plane: DataPlane, backend: ProcessBackend, client: httpx.AsyncClient
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec(instance_count=2)), 1.0)))

    await plane.close()

    assert backend.running == 0
    assert (await invoke(client, "x")).status_code == 503  # it may be back soon


async def test_a_variant_grows_and_shrinks_under_load_and_loses_no_request(
    plane: DataPlane, client: httpx.AsyncClient, backend: ProcessBackend
) -> None:
    running = await plane.start_variant(variant_spec("v"))
    plane.set_route(route((running, 1.0)))
    async with Load(client) as load:
        for count in (3, 1, 2):
            await plane.resize_variant(running, count)
            assert (len(running.instances), running.spec.instance_count) == (count, count)
            assert backend.running == count
            await load.more(40)

    assert load.failed == []


async def test_a_variant_that_cannot_grow_goes_on_as_it_was(
    plane: DataPlane, client: httpx.AsyncClient, backend: ProcessBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = await plane.start_variant(variant_spec("v"))
    plane.set_route(route((running, 1.0)))
    running.spec = replace(running.spec, model_data="s3://artifacts/not-there/model.tar.gz")
    with pytest.raises(VariantFailedError, match="Failed to download model data"):
        await plane.resize_variant(running, 2)
    assert (len(running.instances), backend.running) == (1, 1)
    assert (await invoke(client, "1")).status_code == 200


async def test_two_fleets_of_one_variant_share_its_name(
    plane: DataPlane, client: httpx.AsyncClient, cloud: Any
) -> None:
    blue, green = [
        await plane.start_variant(variant_spec("main", model_name=name, model_data=put_model(cloud, name)))
        for name in ("blue", "green")
    ]
    plane.set_route(route((blue, 0.5), (green, 0.5)))
    answers = [await invoke(client, "1", target_variant="main") for _ in range(40)]
    assert {answer.text.partition("|")[0] for answer in answers} == {"blue", "green"}
    assert {answer.headers["x-amzn-invoked-production-variant"] for answer in answers} == {"main"}
