"""The layer's botocore knows (requirements/lambda/services.json) what the functions ask of AWS, as it is read off the
adapters and off the libraries that ask on their behalf.
"""

import ast
import importlib.util
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

ROOT = Path(__file__).resolve().parents[2]
SWITCHYARD = ROOT / "functions/switchyard"
ADAPTERS = SWITCHYARD / "runtime/adapters.py"
LISTED: dict[str, list[str]] = json.loads((ROOT / "requirements/lambda/services.json").read_text())
# Who asks S3 in our name: uploads in parts, and botocore itself, where a bucket is found in another region.
LIBRARIES = {"s3": ("s3transfer.upload", "s3transfer.tasks", "botocore.utils")}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def clients(node: ast.AST) -> set[str]:
    """Services whose client is asked for: client("s3")."""
    return {
        argument.value
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "client"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }


def adapters_imported(node: ast.AST) -> set[str]:
    names = (each.module or "" for each in ast.walk(node) if isinstance(each, ast.ImportFrom))
    return {name.removeprefix("switchyard.aws.") for name in names if name.startswith("switchyard.aws.")}


def with_parents(adapter: str) -> Iterator[str]:
    """The adapter and those that it inherits from."""
    yield adapter
    for parent in adapters_imported(tree(SWITCHYARD / f"aws/{adapter}.py")):
        yield from with_parents(parent)


def asked_through(service: str) -> set[Path]:
    """The adapters that are given this service's client, and the libraries that they give it to."""
    made = [
        each for each in tree(ADAPTERS).body if isinstance(each, ast.FunctionDef) and service in clients(each)
    ]
    names = {name for each in made for adapter in adapters_imported(each) for name in with_parents(adapter)}
    specs = map(importlib.util.find_spec, LIBRARIES.get(service, ()))
    return {SWITCHYARD / f"aws/{name}.py" for name in names} | {
        Path(spec.origin) for spec in specs if spec and spec.origin
    }


def words(path: Path) -> set[str]:
    """Every attribute and every text of a module: how a client's methods are named in it."""
    nodes = list(ast.walk(tree(path)))
    texts = {each.value for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return texts | {each.attr for each in nodes if isinstance(each, ast.Attribute)}


def operations(service: str) -> dict[str, str]:
    """Method of a client -> operation."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(operation): operation for operation in model.operation_names}


def test_the_services_are_those_whose_clients_are_made() -> None:
    made = {service for path in SWITCHYARD.rglob("*.py") for service in clients(tree(path))}
    assert made == set(LISTED)


@pytest.mark.parametrize("service", sorted(LISTED))
def test_the_operations_are_those_that_are_called(service: str) -> None:
    said = {word for path in asked_through(service) for word in words(path)}
    assert {name for method, name in operations(service).items() if method in said} == set(LISTED[service])
