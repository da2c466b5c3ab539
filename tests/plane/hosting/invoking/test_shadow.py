"""A shadow variant gets its share of copies; what it does with them does not reach the caller."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from sagemaker_local.hosting.data_plane import DataPlane
from sagemaker_local.hosting.invoking import shadow as shadow_module
from sagemaker_local.hosting.invoking.capture import CaptureConfig
from sagemaker_local.hosting.serving.variant import RunningVariant
from sagemaker_local.runtime.process import ProcessBackend
from tests.plane.support.variants import BUCKET, eventually, invoke, put_model, route, variant_spec

pytestmark = pytest.mark.anyio

CAPTURE = CaptureConfig(f"s3://{BUCKET}/capture", 100, csv_content_types=("text/csv", "text/plain"))


@pytest.fixture
async def pair(plane: DataPlane, cloud: Any) -> tuple[RunningVariant, RunningVariant]:
    """A production variant, and another as its shadow."""
    production = await plane.start_variant(variant_spec("main", model_data=put_model(cloud, "main")))
    shadow = await plane.start_variant(variant_spec("shadow", model_data=put_model(cloud, "shadow")))
    return production, shadow


def captured(cloud: Any, variant: str) -> list[dict[str, Any]]:
    """The records of a variant in the order of their files."""
    listed = cloud.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"capture/churn/{variant}/").get("Contents", [])
    bodies = [cloud.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in listed]
    return [json.loads(line) for body in bodies for line in body.splitlines()]


async def test_every_request_is_copied_and_captured_under_the_shadows_name(
    plane: DataPlane, client: httpx.AsyncClient, cloud: Any, pair: tuple[RunningVariant, RunningVariant]
) -> None:
    production, shadow = pair
    plane.set_route(route((production, 1.0), shadow=(shadow, 1.0), capture=CAPTURE))
    for number in range(5):
        answer = await invoke(client, f"{number}", Inference_Id=f"request-{number}")
        assert answer.text == f"main|{number}"
        assert answer.headers["x-amzn-invoked-production-variant"] == "main"

    records = await eventually(lambda: (found := captured(cloud, "shadow")) and len(found) == 5 and found)
    outputs = {each["captureData"]["endpointOutput"]["data"] for each in records}
    assert outputs == {f"shadow|{number}" for number in range(5)}
    assert {each["eventMetadata"]["inferenceId"] for each in records} == {f"request-{n}" for n in range(5)}
    await eventually(lambda: len(captured(cloud, "main")) == 5)


async def test_it_gets_its_share_alone(
    plane: DataPlane, client: httpx.AsyncClient, cloud: Any, pair: tuple[RunningVariant, RunningVariant],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    draws = iter([0.1, 0.6, 0.4, 0.5])
    monkeypatch.setattr(plane._shadows, "_random", lambda: next(draws))
    production, shadow = pair
    plane.set_route(route((production, 1.0), shadow=(shadow, 0.5), capture=CAPTURE))
    for number in range(4):
        await invoke(client, f"{number}")
    records = await eventually(lambda: (found := captured(cloud, "shadow")) and len(found) == 2 and found)
    assert {each["captureData"]["endpointInput"]["data"] for each in records} == {"0", "2"}


async def test_what_the_shadow_does_wrong_reaches_nobody(
    plane: DataPlane, client: httpx.AsyncClient, pair: tuple[RunningVariant, RunningVariant]
) -> None:
    production, _ = pair
    broken = await plane.start_variant(variant_spec("broken"))
    plane.set_route(route((production, 1.0), shadow=(broken, 1.0)))
    for instance in broken.instances:
        await instance.stop()
    assert (await invoke(client, "1")).text == "main|1"


async def test_a_slow_shadow_delays_nobody_and_is_stopped_when_its_copies_are_answered(
    plane: DataPlane, client: httpx.AsyncClient, backend: ProcessBackend, tmp_path: Path
) -> None:
    production = await plane.start_variant(variant_spec("main", environment={"TOY_FAST": "1"}))
    shadow = await plane.start_variant(variant_spec("shadow"))
    plane.set_route(route((production, 1.0), shadow=(shadow, 1.0)))
    assert (await invoke(client, f"wait:{tmp_path / 'go'}")).status_code == 200
    await eventually(lambda: shadow.outstanding == 1)
    plane.set_route(route((production, 1.0)))
    stop = asyncio.create_task(plane.stop_variant(shadow))
    assert (await invoke(client, "1")).status_code == 200
    assert not stop.done()
    (tmp_path / "go").touch()
    await stop
    assert backend.running == 1


async def test_copies_that_pile_up_are_dropped(
    plane: DataPlane, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shadow_module, "MAX_WAITING", 2)
    production = await plane.start_variant(variant_spec("main", environment={"TOY_FAST": "1"}))
    shadow = await plane.start_variant(variant_spec("shadow"))
    plane.set_route(route((production, 1.0), shadow=(shadow, 1.0)))
    for _ in range(5):
        await invoke(client, f"wait:{tmp_path / 'go'}")
    await eventually(lambda: shadow.outstanding == 2)
    (tmp_path / "go").touch()
    await eventually(lambda: shadow.outstanding == 0)


async def test_the_shadow_cannot_be_asked_by_name(
    plane: DataPlane, client: httpx.AsyncClient, pair: tuple[RunningVariant, RunningVariant]
) -> None:
    production, shadow = pair
    plane.set_route(route((production, 1.0), shadow=(shadow, 1.0)))
    assert (await invoke(client, "1", target_variant="shadow")).status_code == 400
