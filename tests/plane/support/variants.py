"""Builders shared by the data plane's tests: models, variants, routes, requests."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from sagemaker_local.hosting.invoking.route import Route
from sagemaker_local.hosting.serving.spec import VariantSpec
from sagemaker_local.hosting.serving.variant import RunningVariant
from tests import patience

ACCOUNT, REGION = "000000000000", "us-east-1"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/toy:1"
TOY = Path(__file__).parent / "toy_server"
BUCKET = "artifacts"


def put_model(cloud: Any, name: str) -> str:
    """Upload a model.tar.gz whose name.txt says `name`; returns its S3 URI."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("name.txt")
        member.size = len(name)
        tar.addfile(member, io.BytesIO(name.encode()))
    cloud.s3.put_object(Bucket=BUCKET, Key=f"{name}/model.tar.gz", Body=packed.getvalue())
    return f"s3://{BUCKET}/{name}/model.tar.gz"


def variant_spec(variant: str = "blue", **changes: Any) -> VariantSpec:
    members: dict[str, Any] = {
        "endpoint": "churn",
        "variant": variant,
        "model_name": variant,
        "image": IMAGE,
        "environment": {},
        "model_data": None,
        "instance_count": 1,
        "startup_timeout_seconds": patience.SECONDS,
    }
    return VariantSpec(**members | changes)


def route(*variants: tuple[RunningVariant, float], endpoint: str = "churn", **changes: Any) -> Route:
    members: dict[str, Any] = {"config": "config", "account": ACCOUNT, "region": REGION, "capture": None}
    return Route(endpoint=endpoint, variants=variants, **members | changes)


async def invoke(
    client: httpx.AsyncClient, body: str | bytes, endpoint: str = "churn", **headers: str
) -> httpx.Response:
    """InvokeEndpoint; `target_variant="x"` becomes X-Amzn-SageMaker-Target-Variant."""
    named = {f"X-Amzn-SageMaker-{name.replace('_', '-')}": value for name, value in headers.items()}
    content = body.encode() if isinstance(body, str) else body
    return await client.post(
        f"/endpoints/{endpoint}/invocations", content=content, headers={"Content-Type": "text/csv", **named}
    )


async def eventually(
    check: Callable[[], Any] | Callable[[], Awaitable[Any]], seconds: float = patience.SECONDS
) -> Any:
    """What `check` returns once it is true. Fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while True:
            result = check()
            if isinstance(result, Awaitable):
                result = await result
            if result:
                return result
            await asyncio.sleep(0.05)
