"""The local SageMaker takes every request of the product, and describes what was sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from switchyard.aws.calls import agrees
from tests.aws.test_request_members import WAYS, way
from tests.plane.support.fakes import FakeBackend, FakeTraffic, succeed
from tests.plane.support.harness import serve, settings_in

ORDER = ("CreateModelPackageGroup", "CreateModel", "CreateEndpointConfig")
OF_THE_REQUEST = ("Tags", "ClientToken")


@pytest.fixture
def sagemaker(tmp_path: Path) -> Iterator[tuple[Any, FakeBackend]]:
    backend = FakeBackend()
    with serve(settings_in(tmp_path / "plane", "http://127.0.0.1:9"), backend, FakeTraffic()) as harness:
        yield harness.sm, backend


def images(value: Any) -> Iterator[str]:
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if name in ("Image", "TrainingImage", "ImageUri"):
            yield inner
        elif isinstance(inner, (dict, list)):
            yield from images(inner)


def described(client: Any, operation: str, request: dict[str, Any], answer: Any) -> Any:
    noun = operation.removeprefix("Create")
    name = answer["ModelPackageArn"] if noun == "ModelPackage" else request[f"{noun}Name"]
    return getattr(client, xform_name(f"Describe{noun}"))(**{f"{noun}Name": name})


@pytest.mark.parametrize("name", sorted(set(WAYS) - {"serverless"}))
def test_a_create_request_is_taken_and_described(name: str, sagemaker: tuple[Any, FakeBackend]) -> None:
    client, backend = sagemaker
    requests = way(name)
    backend.images |= dict.fromkeys((i for request in requests.values() for i in images(request)), succeed)
    first = {each: requests[each] for each in ORDER if each in requests}
    for operation, request in (first | requests).items():
        if operation == "CreateEndpoint":
            request = request | {"Tags": requests["CreateEndpointConfig"]["Tags"]}
        answer = getattr(client, xform_name(operation))(**request)
        found = described(client, operation, request, answer)
        sent = {key: value for key, value in request.items() if key not in OF_THE_REQUEST}
        assert agrees(found, sent), (operation, found, sent)
        [arn] = [value for member, value in answer.items() if member.endswith("Arn")]
        tags = client.list_tags(ResourceArn=arn)["Tags"] if "Tags" in request else []
        assert tags == request.get("Tags", []), operation
