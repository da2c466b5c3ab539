"""InvokeEndpoint through the data plane, to real server processes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from sagemaker_local.hosting.data_plane import DataPlane
from sagemaker_local.hosting.invoking.invoke import MAX_PAYLOAD_BYTES
from tests.plane.support.variants import ACCOUNT, eventually, invoke, put_model, route, variant_spec

pytestmark = pytest.mark.anyio


async def test_a_request_is_answered_by_the_variants_model(
    plane: DataPlane, client: httpx.AsyncClient, cloud: Any
) -> None:
    running = await plane.start_variant(variant_spec(model_data=put_model(cloud, "first")))
    plane.set_route(route((running, 1.0)))

    answer = await invoke(client, "1,2,3")

    assert answer.status_code == 200
    assert answer.text == "first|1,2,3"
    assert answer.headers["x-amzn-invoked-production-variant"] == "blue"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_target_variant_reaches_a_variant_that_the_weights_leave_out(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    blue, green = await asyncio.gather(
        plane.start_variant(variant_spec("blue")), plane.start_variant(variant_spec("green"))
    )
    plane.set_route(route((blue, 1.0), (green, 0.0)))

    by_weight = await invoke(client, "x")
    by_name = await invoke(client, "x", Target_Variant="green")

    assert by_weight.headers["x-amzn-invoked-production-variant"] == "blue"
    assert by_name.headers["x-amzn-invoked-production-variant"] == "green"


async def test_the_container_sees_the_supported_headers_and_no_others(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))

    answer = await client.post(
        "/endpoints/churn/invocations",
        content="headers",
        headers={
            "Content-Type": "text/csv",
            "Accept": "application/json",
            "Authorization": "AWS4-HMAC-SHA256 Credential=x",
            "X-Mine": "1",
            "X-Amzn-SageMaker-Inference-Id": "row-7",
            "X-Amzn-SageMaker-Custom-Attributes": "trace=1",
            "X-Amzn-SageMaker-Target-Variant": "blue",
        },
    )

    seen = json.loads(answer.content)
    host, length = seen.pop("host"), seen.pop("content-length")
    assert (host.split(":")[0], length) == ("127.0.0.1", "7")
    assert seen == {
        "content-type": "text/csv",
        "accept": "application/json",
        "x-amzn-sagemaker-inference-id": "row-7",
        "x-amzn-sagemaker-custom-attributes": "trace=1",
    }
    assert answer.headers["x-amzn-sagemaker-custom-attributes"] == "trace=1 seen"


async def test_an_unknown_endpoint_is_a_validation_error_in_its_exact_case(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))

    answer = await invoke(client, "x", endpoint="Churn")

    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"] == "ValidationError"
    assert answer.json()["Message"] == f"Endpoint Churn of account {ACCOUNT} not found."


async def test_an_unknown_target_variant_is_a_validation_error(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))

    answer = await invoke(client, "x", Target_Variant="red")

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "ValidationError")
    assert "red" in answer.json()["Message"]


async def test_after_remove_route_the_endpoint_is_not_found(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))
    plane.remove_route("churn")

    assert (await invoke(client, "x")).status_code == 400


@pytest.mark.parametrize("operation", ["invocations", "invocations-response-stream", "async-invocations"])
async def test_an_endpoint_that_will_be_back_asks_its_callers_to_come_again(
    plane: DataPlane, client: httpx.AsyncClient, operation: str
) -> None:
    plane.expect("churn")

    answer = await client.post(f"/endpoints/churn/{operation}", content="x")

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (503, "ServiceUnavailable")
    assert answer.headers["retry-after"] == "1"
    plane.remove_route("churn")
    assert (await client.post(f"/endpoints/churn/{operation}", content="x")).status_code == 400


async def test_an_endpoint_that_is_back_is_awaited_no_more(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    plane.expect("churn")
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))
    assert (await invoke(client, "x")).status_code == 200
    plane.remove_route("churn")
    assert (await invoke(client, "x")).status_code == 400


@pytest.mark.parametrize(("status", "side"), [(400, "client"), (500, "server")])
async def test_a_containers_error_is_a_model_error_with_its_status_and_words(
    plane: DataPlane, client: httpx.AsyncClient, status: int, side: str
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))

    answer = await invoke(client, f"status:{status}")

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (424, "ModelError")
    error = answer.json()
    assert error["OriginalStatusCode"] == status
    assert error["OriginalMessage"] == f"no model|status:{status}"
    assert error["LogStreamArn"].endswith(":log-group:/aws/sagemaker/Endpoints/churn")
    assert error["Message"].startswith(
        f'Received {side} error ({status}) from primary with message "no model|'
    )
    assert error["Message"].endswith(f"in account {ACCOUNT} for more information.")


@pytest.mark.parametrize("invocation_timeout_seconds", [2.0])
async def test_a_container_that_takes_too_long_is_a_model_error_with_status_zero(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))

    error = (await invoke(client, "sleep:10")).json()

    assert error["OriginalStatusCode"] == 0
    assert "Your invocation timed out" in error["Message"]


async def test_a_long_message_of_the_container_is_cut_to_what_the_api_allows(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))

    error = (await invoke(client, "status:400" + " " * 5000)).json()

    assert (len(error["Message"]), len(error["OriginalMessage"])) == (2048, 2048)


async def test_the_largest_payload_passes_and_one_byte_more_does_not(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))

    largest = await invoke(client, b"x" * MAX_PAYLOAD_BYTES)
    larger = await invoke(client, b"x" * (MAX_PAYLOAD_BYTES + 1))

    async def in_parts() -> Any:
        for _ in range(MAX_PAYLOAD_BYTES // 2**16 + 1):
            yield b"x" * 2**16

    unannounced = await client.post("/endpoints/churn/invocations", content=in_parts())

    assert (largest.status_code, len(largest.content)) == (200, MAX_PAYLOAD_BYTES + len("no model|"))
    assert larger.status_code == unannounced.status_code == 413
    assert larger.json()["Message"] == f"HTTP content length exceeded {MAX_PAYLOAD_BYTES} bytes."


async def test_a_crashed_server_is_a_model_error_and_is_started_again(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))
    before = (await invoke(client, "pid")).text

    crash = await invoke(client, "crash")

    assert crash.status_code == 424
    assert "could not get a response from the churn endpoint" in crash.json()["Message"]

    async def answers() -> httpx.Response | None:
        answer = await invoke(client, "pid")
        return answer if answer.status_code == 200 else None

    assert (await eventually(answers)).text != before


async def test_while_one_instance_is_down_the_others_answer_everything(
    plane: DataPlane, client: httpx.AsyncClient
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec(instance_count=2)), 1.0)))
    pids = {(await invoke(client, "pid")).text for _ in range(4)}
    crash = await invoke(client, "crash")

    answers = [await invoke(client, "pid") for _ in range(20)]

    assert len(pids) == 2
    assert crash.status_code == 424  # and the other instance did not get it
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers[:4]} & pids) == 1


async def test_a_busy_instance_gets_no_more_requests_while_another_is_idle(
    plane: DataPlane, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    running = await plane.start_variant(variant_spec(instance_count=2))
    plane.set_route(route((running, 1.0)))
    slow = asyncio.create_task(invoke(client, f"wait:{tmp_path / 'go'}"))
    await eventually(lambda: running.outstanding == 1)

    pids = {(await invoke(client, "pid")).text for _ in range(10)}

    assert len(pids) == 1
    (tmp_path / "go").touch()
    assert (await slow).status_code == 200
