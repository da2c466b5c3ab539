"""boto3 as it is, over a real socket: the typed exceptions and the members of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError
from starlette.applications import Starlette

from sagemaker_local.hosting.data_plane import DataPlane
from tests.plane.support.variants import REGION, eventually, route, variant_spec

pytestmark = pytest.mark.anyio


@pytest.fixture
async def runtime(backend: Any, settings: Any) -> AsyncIterator[Any]:
    """A sagemaker-runtime client of a served endpoint `churn`."""
    plane = DataPlane(backend, settings, _Silent())  # type: ignore[arg-type]
    config = uvicorn.Config(Starlette(routes=plane.routes), port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))
    await eventually(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield boto3.client(
        "sagemaker-runtime",
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    server.should_exit = True
    await serving
    await plane.close()


class _Silent:
    """An AWS that takes everything."""

    def __getattr__(self, name: str) -> Any:
        return _Silent()

    def __call__(self, **_: Any) -> None:
        return None


async def test_invoke_endpoint_gives_body_type_variant_and_attributes(runtime: Any) -> None:
    answer = await asyncio.to_thread(
        runtime.invoke_endpoint,
        EndpointName="churn",
        Body=b"1,2",
        ContentType="text/csv",
        CustomAttributes="a=b",
        TargetVariant="blue",
        InferenceId="7",
    )

    assert answer["Body"].read() == b"no model|1,2"
    assert answer["ContentType"] == "text/plain; charset=utf-8"
    assert answer["InvokedProductionVariant"] == "blue"
    assert answer["CustomAttributes"] == "a=b seen"


async def test_a_containers_error_raises_model_error_with_its_members(runtime: Any) -> None:
    with pytest.raises(runtime.exceptions.ModelError) as error:
        await asyncio.to_thread(runtime.invoke_endpoint, EndpointName="churn", Body=b"status:400")

    assert error.value.response["OriginalStatusCode"] == 400
    assert error.value.response["OriginalMessage"] == "no model|status:400"
    assert error.value.response["LogStreamArn"].startswith("arn:aws:logs:us-east-1:")
    assert "Received client error (400) from primary" in str(error.value)


async def test_a_missing_endpoint_raises_validation_error(runtime: Any) -> None:
    with pytest.raises(runtime.exceptions.ValidationError, match=r"Endpoint nobody of account \d+ not found"):
        await asyncio.to_thread(runtime.invoke_endpoint, EndpointName="nobody", Body=b"x")


async def test_too_large_a_payload_is_error_413_in_awss_words(runtime: Any) -> None:
    with pytest.raises(ClientError, match=r"\(413\).*HTTP content length exceeded 6291456 bytes"):
        await asyncio.to_thread(runtime.invoke_endpoint, EndpointName="churn", Body=b"x" * 6_291_457)
