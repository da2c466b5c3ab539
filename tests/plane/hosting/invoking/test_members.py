"""The members of the runtime's operations are held to botocore's model, as those of the control plane are."""

from __future__ import annotations

import json

import httpx
import pytest

from sagemaker_local.hosting.data_plane import DataPlane
from sagemaker_local.hosting.invoking.errors import InvocationError
from sagemaker_local.hosting.invoking.members import read
from tests.plane.support.variants import route, variant_spec

pytestmark = pytest.mark.anyio

BROKEN = (
    ({"X-Amzn-SageMaker-Custom-Attributes": "x" * 1025}, "customAttributes", "less than or equal to 1024"),
    ({"X-Amzn-SageMaker-Inference-Id": "x" * 65}, "inferenceId", "less than or equal to 64"),
    ({"X-Amzn-SageMaker-Inference-Id": " x"}, "inferenceId", "regular expression pattern"),
    ({"X-Amzn-SageMaker-Target-Variant": "-blue"}, "targetVariant", "regular expression pattern"),
    ({"X-Amzn-SageMaker-Session-Id": "a_b"}, "sessionId", "regular expression pattern"),
    ({"Content-Type": "text/" + "x" * 1020}, "contentType", "less than or equal to 1024"),
)


@pytest.mark.parametrize("operation", ["invocations", "invocations-response-stream"])
@pytest.mark.parametrize(("headers", "member", "text"), BROKEN)
async def test_a_member_that_breaks_a_constraint_is_refused(
    plane: DataPlane,
    client: httpx.AsyncClient,
    operation: str,
    headers: dict[str, str],
    member: str,
    text: str,
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))
    answer = await client.post(f"/endpoints/churn/{operation}", content="x", headers=headers)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "ValidationError")
    message = json.loads(answer.content)["Message"]
    assert member in message
    assert text in message


@pytest.mark.parametrize(
    "value", ["1_000", "\u0661\u0662\u0663".encode().decode("latin-1"), "1e3", "60.0", "0x64"]
)
async def test_a_number_has_the_digits_0_to_9(value: str) -> None:
    given = [(b"x-amzn-sagemaker-requestttlseconds", value.encode("latin-1"))]
    with pytest.raises(InvocationError, match="RequestTTLSeconds must be a whole number"):
        read("InvokeEndpointAsync", "e", given)
    assert read("InvokeEndpointAsync", "e", [(given[0][0], b"1000")]) == {"RequestTTLSeconds": 1000}


async def test_members_at_their_limits_are_taken(plane: DataPlane, client: httpx.AsyncClient) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))
    longest = {
        "Content-Type": "text/csv",
        "X-Amzn-SageMaker-Custom-Attributes": "x" * 1024,
        "X-Amzn-SageMaker-Inference-Id": "x" * 64,
        "X-Amzn-SageMaker-Session-Id": "NEW_SESSION",
    }
    for operation in ("invocations", "invocations-response-stream"):
        headers = longest if operation == "invocations" else longest | {"X-Amzn-SageMaker-Session-Id": "a-b"}
        answer = await client.post(f"/endpoints/churn/{operation}", content="x", headers=headers)
        assert answer.status_code == 200, answer.text


async def test_an_endpoint_name_that_no_endpoint_can_have_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"/endpoints/{'x' * 64}/invocations", content="x")
    assert answer.status_code == 400
    assert "less than or equal to 63" in json.loads(answer.content)["Message"]


@pytest.mark.parametrize("operation", ["invocations", "invocations-response-stream"])
@pytest.mark.parametrize(
    ("header", "text"),
    [
        (
            "Target-Model",
            "Endpoint churn is not a multi-model endpoint and does not support target model header.",
        ),
        ("Target-Container-Hostname", "no containers of InferenceExecutionConfig Mode Direct"),
        ("Inference-Component", "no inference components"),
    ],
)
async def test_what_an_endpoint_does_not_have_cannot_be_addressed(
    plane: DataPlane, client: httpx.AsyncClient, operation: str, header: str, text: str
) -> None:
    plane.set_route(route((await plane.start_variant(variant_spec()), 1.0)))
    headers = {f"X-Amzn-SageMaker-{header}": "a"}
    answer = await client.post(f"/endpoints/churn/{operation}", content="x", headers=headers)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "ValidationError")
    assert text in json.loads(answer.content)["Message"]
