"""InvokeEndpoint through the data plane, to real server processes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sagemaker_local.traffic.fleet import DataPlane
from tests.plane.data.builders import invoke, put_model, route, variant_spec

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
