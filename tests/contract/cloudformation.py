"""template.yaml as Python sees it: intrinsics become one-key dicts, as CloudFormation's own JSON form writes them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"


class _Loader(yaml.CSafeLoader):
    """CSafeLoader that knows !Ref, !Sub, !GetAtt and their like."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _intrinsic)


def parse(text: str) -> dict[str, Any]:
    """A template's text as a document."""
    document: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 a SafeLoader with constructors of data only
    return document


@cache
def template() -> dict[str, Any]:
    """The project's own template."""
    return parse(TEMPLATE.read_text())


def resources(kind: str, document: Mapping[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """Logical id -> Properties of every resource of one type."""
    found = (document or template())["Resources"]
    return {name: body.get("Properties", {}) for name, body in found.items() if body["Type"] == kind}


def functions() -> dict[str, dict[str, Any]]:
    return resources("AWS::Serverless::Function")


def function_of(handler: str) -> str:
    """The logical id of functions/<handler>/."""
    return "".join(part.title() for part in handler.split("_")) + "Function"


def machines(document: Mapping[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    return resources("AWS::Serverless::StateMachine", document)
