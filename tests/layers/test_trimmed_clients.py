"""A client of the layer's botocore sends what one of the whole botocore does, in each operation, with all it takes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from botocore import xform_name
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.session import Session

from switchyard.runtime import clients
from tests.layers.trimming import trim, trimmed_data

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)
NEVER_THE_SAME = {"amz-sdk-invocation-id", "Authorization", "X-Amz-Date"}


class SentError(Exception):
    """Stands before the network."""


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trimmed_data(tmp_path_factory.mktemp("layer"))


def session(data: Path | None = None) -> Session:
    made = Session()
    made.set_credentials("key", "secret")
    made.set_config_variable("region", "eu-central-1")
    if data:
        made.set_config_variable("data_path", str(data))
    return made


def value_of(shape: Shape, above: tuple[str, ...] = ()) -> Any:
    """Something that the shape takes, with every member of a structure."""
    if isinstance(shape, StructureShape):
        if shape.name in above:
            return {}
        chosen = list(shape.members.items())[: 1 if shape.is_tagged_union else None]
        return {name: value_of(each, (*above, shape.name)) for name, each in chosen}
    if isinstance(shape, ListShape):
        return [value_of(cast(Shape, shape.member), above)]
    if isinstance(shape, MapShape):
        return {value_of(cast(Shape, shape.key), above): value_of(cast(Shape, shape.value), above)}
    return _simple(shape)


def _simple(shape: Shape) -> Any:
    least = int(shape.metadata.get("min", 1))
    text = shape.enum[0] if getattr(shape, "enum", None) else "x" * max(least, 3)
    numbers = {"integer": least, "long": least, "float": 0.5, "double": 0.5, "boolean": True}
    return {"string": text, "blob": b"row", "timestamp": MOMENT, **numbers}[shape.type_name]


def requests(made: Session, service: str) -> dict[str, Any]:
    """What each operation sends."""
    client = made.create_client(service, config=Config(retries={"total_max_attempts": 1}))
    asked: list[AWSPreparedRequest] = []

    def stop(request: AWSPreparedRequest, **_: Any) -> None:
        asked.append(request)
        raise SentError

    client.meta.events.register("before-send", stop)
    for operation in trim.SERVICES[service]:
        shape = client.meta.service_model.operation_model(operation).input_shape
        with pytest.raises(SentError):
            getattr(client, xform_name(operation))(**value_of(shape) if shape else {})
    return dict(zip(trim.SERVICES[service], map(_plain, asked), strict=True))


def _plain(request: AWSPreparedRequest) -> Any:
    headers = {name: value for name, value in request.headers.items() if name not in NEVER_THE_SAME}
    content = request.body.read() if hasattr(request.body, "read") else request.body
    return request.method, request.url, headers, content


def of_functions(data: Path) -> Session:
    """The session that functions have, with its few handlers."""
    clients._session.cache_clear()
    made = clients._session()
    clients._session.cache_clear()
    made.set_credentials("key", "secret")
    made.set_config_variable("region", "eu-central-1")
    made.set_config_variable("data_path", str(data))
    return made


@pytest.mark.parametrize("service", sorted(trim.SERVICES))
def test_the_requests_are_the_same(service: str, trimmed: Path) -> None:
    assert requests(of_functions(trimmed), service) == requests(session(), service)


@pytest.mark.parametrize("service", sorted(trim.SERVICES))
def test_handlers_of_our_services_are_all_there(service: str) -> None:
    """By whatever name an event may call a service: botocore's, the endpoint's prefix, the id."""
    model = session().get_service_model(service)
    names = {service, model.endpoint_prefix, model.service_id.hyphenize(), model.signing_name}
    left_out = [each[0] for each in BUILTIN_HANDLERS if not clients.may_happen(each[0])]
    assert left_out
    assert [
        event for event in left_out if event.split(".")[1] in names and not event.startswith("docs.")
    ] == []
