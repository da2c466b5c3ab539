"""A layer's botocore is cut to what the functions call, and what is left is what it was."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.model import OperationModel, ServiceModel, Shape

from tests.layers.trimming import DATA, add_unused, trim


def model_of(service: str) -> dict[str, Any]:
    newest = sorted((DATA / service).iterdir())[-1]
    model: dict[str, Any] = json.loads(gzip.decompress((newest / "service-2.json.gz").read_bytes()))
    return model


def unfolded(shape: Shape | None, above: tuple[str, ...] = ()) -> Any:
    """All that serialisers and parsers can learn of a shape."""
    if shape is None or shape.name in above:
        return shape and shape.name
    parts = dict(getattr(shape, "members", {}))
    parts |= {name: getattr(shape, name) for name in ("member", "key", "value") if hasattr(shape, name)}
    inside = {name: unfolded(part, (*above, shape.name)) for name, part in parts.items()}
    return shape.name, shape.type_name, shape.serialization, shape.metadata, inside


def seen(operation: OperationModel) -> Any:
    shapes = [operation.input_shape, operation.output_shape, *operation.error_shapes]
    about = (
        operation.http,
        operation.auth_type,
        operation.endpoint,
        operation.http_checksum,
        operation.context_parameters,
    )
    return [unfolded(shape) for shape in shapes], about


@pytest.mark.parametrize("service", sorted(trim.SERVICES))
def test_what_is_kept_of_a_service_is_what_it_was(service: str) -> None:
    whole, listed = model_of(service), trim.SERVICES[service]
    before, after = ServiceModel(whole, service), ServiceModel(trim.trimmed(whole, listed), service)
    assert sorted(after.operation_names) == sorted(listed)
    assert after.metadata == before.metadata
    assert [seen(after.operation_model(each)) for each in listed] == [
        seen(before.operation_model(each)) for each in listed
    ]


def small_layer(folder: Path) -> Path:
    """Three services of botocore, of which the functions call two, and what nothing imports."""
    services = {
        "sns": {
            "metadata": {"endpointPrefix": "sns"},
            "operations": {"Publish": {}, "Subscribe": {}},
            "shapes": {},
        },
        "sqs": {"metadata": {"endpointPrefix": "queues"}, "operations": {"SendMessage": {}}, "shapes": {}},
        "ec2": {"metadata": {"endpointPrefix": "ec2"}, "operations": {"RunInstances": {}}, "shapes": {}},
    }
    for name, model in services.items():
        for version in ("2001-01-01", "2020-01-01"):
            kept = folder / "botocore/data" / name / version
            kept.mkdir(parents=True)
            (kept / "service-2.json.gz").write_bytes(gzip.compress(json.dumps(model).encode()))
            (kept / "examples-1.json").write_text("{}")
    partition = {"services": {"sns": {}, "queues": {}, "ec2": {}}}
    (folder / "botocore/data/endpoints.json").write_text(json.dumps({"partitions": [partition]}))
    add_unused(folder)
    return folder


@pytest.fixture
def layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(trim, "SERVICES", {"sns": ["Publish"], "sqs": ["SendMessage"]})
    return small_layer(tmp_path)


def test_a_layer_keeps_the_newest_of_each_service_that_is_called(layer: Path) -> None:
    trim.main(layer)
    data = layer / "botocore/data"
    assert sorted(path.relative_to(data).as_posix() for path in data.rglob("*.json")) == [
        "endpoints.json",
        "sns/2020-01-01/service-2.json",
        "sqs/2020-01-01/service-2.json",
    ]
    assert list(json.loads((data / "sns/2020-01-01/service-2.json").read_text())["operations"]) == ["Publish"]
    [partition] = json.loads((data / "endpoints.json").read_text())["partitions"]
    assert sorted(partition["services"]) == ["queues", "sns"]


def test_a_layer_keeps_of_powertools_what_its_logger_imports(layer: Path) -> None:
    trim.main(layer)
    assert [path.name for path in (layer / "aws_lambda_powertools/utilities").iterdir()] == ["jmespath_utils"]
    assert list((layer / "pydantic").iterdir()) == []


def test_what_was_to_be_removed_and_is_not_there_stops_the_build(layer: Path) -> None:
    (layer / "pydantic/v1").rmdir()
    with pytest.raises(SystemExit, match="pydantic/v1"):
        trim.main(layer)


def test_a_service_that_botocore_does_not_have_stops_the_build(
    layer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(trim.SERVICES, "sagemeker", ["CreateModel"])
    with pytest.raises(FileNotFoundError, match="sagemeker"):
        trim.main(layer)


def test_documentation_is_emptied_and_a_member_of_that_name_stays() -> None:
    shapes = {"S": {"members": {"documentation": {"shape": "T"}}, "documentation": "<p>words</p>"}}
    emptied = {"S": {"members": {"documentation": {"shape": "T"}}, "documentation": ""}}
    assert json.loads(trim._dense(shapes)) == emptied
