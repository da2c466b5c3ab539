"""Inference pipelines: each container answers the one before, and each says itself what went wrong."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sagemaker_local.hosting.data_plane import DataPlane
from sagemaker_local.hosting.serving.spec import ContainerSpec, VariantFailedError, VariantSpec
from sagemaker_local.runtime.process import ProcessBackend
from tests.plane.support.variants import IMAGE, eventually, invoke, put_model, route, variant_spec

pytestmark = pytest.mark.anyio


def pipeline(
    cloud: Any, *names: str, environment: dict[str, str] | None = None, **changes: Any
) -> VariantSpec:
    """Toy containers with a model each; `environment` is the last one's."""
    first, *others = [
        ContainerSpec(f"container-{number}", IMAGE, {}, put_model(cloud, name))
        for number, name in enumerate(names, 1)
    ]
    others[-1] = ContainerSpec(others[-1].hostname, IMAGE, environment or {}, others[-1].model_data)
    return variant_spec(
        "main", hostname=first.hostname, model_data=first.model_data, following=tuple(others), **changes
    )


async def test_the_answer_of_one_container_is_the_request_of_the_next(
    plane: DataPlane, client: httpx.AsyncClient, backend: ProcessBackend, cloud: Any
) -> None:
    running = await plane.start_variant(pipeline(cloud, "clean", "predict", "label"))
    assert backend.running == 3
    plane.set_route(route((running, 1.0)))
    assert (await invoke(client, "1,2")).text == "label|predict|clean|1,2"
    await plane.stop_variant(running)
    assert backend.running == 0


async def test_a_following_container_sees_the_type_of_what_it_gets(
    plane: DataPlane, client: httpx.AsyncClient, cloud: Any
) -> None:
    spec = pipeline(cloud, "first", "last", environment={"TOY_HEADERS": "1"})
    plane.set_route(route((await plane.start_variant(spec), 1.0)))
    seen = (await invoke(client, "1", Custom_Attributes="mine")).json()
    assert seen["content-type"] == "text/plain; charset=utf-8"
    assert seen["x-amzn-sagemaker-custom-attributes"] == "mine"


async def test_a_refusal_ends_the_pipeline_and_names_its_container(
    plane: DataPlane, client: httpx.AsyncClient, cloud: Any
) -> None:
    plane.set_route(route((await plane.start_variant(pipeline(cloud, "first", "last")), 1.0)))
    answer = await invoke(client, "status:422")
    assert answer.status_code == 424
    assert answer.json()["OriginalStatusCode"] == 422
    assert answer.json()["Message"].startswith(
        'Received client error (422) from container-1 with message "first|'
    )


async def test_a_container_that_does_not_come_up_is_named_and_leaves_nothing_running(
    plane: DataPlane, backend: ProcessBackend, cloud: Any
) -> None:
    spec = pipeline(cloud, "first", "last", environment={"TOY_CRASH": "1"}, startup_timeout_seconds=2)
    with pytest.raises(VariantFailedError, match="The container-2 container for production variant main"):
        await plane.start_variant(spec)
    assert backend.running == 0


async def test_takes_no_request_while_a_container_is_down_and_goes_on_when_it_is_back(
    plane: DataPlane, client: httpx.AsyncClient, cloud: Any
) -> None:
    plane.set_route(route((await plane.start_variant(pipeline(cloud, "first", "last")), 1.0)))
    assert (await invoke(client, "crash")).status_code == 424

    async def answers() -> bool:
        return (await invoke(client, "1")).text == "last|first|1"

    await eventually(answers)


async def test_logs_a_stream_for_each_container(
    plane: DataPlane, client: httpx.AsyncClient, cloud: Any
) -> None:
    plane.set_route(route((await plane.start_variant(pipeline(cloud, "first", "last")), 1.0)))

    def streams() -> set[str]:
        found = cloud.logs.describe_log_groups(logGroupNamePrefix="/aws/sagemaker/Endpoints/churn")[
            "logGroups"
        ]
        if not found:
            return set()
        listed = cloud.logs.describe_log_streams(logGroupName="/aws/sagemaker/Endpoints/churn")["logStreams"]
        return {each["logStreamName"].rpartition("/")[2] for each in listed}

    await eventually(lambda: streams() == {"container-1", "container-2"})


async def test_does_not_stream(plane: DataPlane, client: httpx.AsyncClient, cloud: Any) -> None:
    plane.set_route(route((await plane.start_variant(pipeline(cloud, "first", "last")), 1.0)))
    answer = await client.post("/endpoints/churn/invocations-response-stream", content=b"1")
    assert answer.status_code == 400
    assert "does not stream" in answer.json()["Message"]
