"""The page: text from page.md, tables from the code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

from sagemaker_local.fault_rules import KINDS
from sagemaker_local.handbook.differences import DECISIONS, OPERATION_DIFFERENCES, RUNTIME_DIFFERENCES
from sagemaker_local.handbook.images import IMAGE_NOTES
from sagemaker_local.handbook.variables import VARIABLES
from sagemaker_local.hosting.data_plane import TrafficSettings
from sagemaker_local.operations import OPERATIONS
from sagemaker_local.runtime.images import BUILT_IN, load
from sagemaker_local.settings import Settings
from sagemaker_local.wire.model import service_model

_TEMPLATE = Path(__file__).with_name("page.md")


def render() -> str:
    """The whole page. Raises ValueError when page.md and the tables do not fit together."""
    text = _TEMPLATE.read_text(encoding="utf-8")
    for name, table in _TABLES.items():
        marker = f"<!-- {name} -->"
        if text.count(marker) != 1:
            raise ValueError(f"{_TEMPLATE} must have the line {marker} once")
        text = text.replace(marker, table())
    return text


def _operations() -> str:
    rows = [(f"`{name}`", "yes", OPERATION_DIFFERENCES[name] or "no") for name in sorted(OPERATIONS)]
    runtime = [(f"`{name}`", supported, text) for name, (supported, text) in RUNTIME_DIFFERENCES.items()]
    others = len(service_model().operation_names) - len(OPERATIONS)
    rest = (f"the other {others} of SageMaker", "no", "answered with `UnknownOperationException`")
    return _table(("operation", "supported", "differs from AWS"), [*rows, *runtime, rest])


def _decisions() -> str:
    return _table(("what AWS does not say", "what the plane does"), DECISIONS)


def _images() -> str:
    rows = []
    for image in load(BUILT_IN):
        note = IMAGE_NOTES[image.match]
        commands = ", ".join(f"`{command}`" for command in image.commands) or "what a processing job names"
        rows.append((f"`{image.match}`", note.stands_in, commands, f"`{image.build}`", note.differs))
    return _table(("image", "stands in for it", "runs", "built by", "differs from AWS"), rows)


def _variables() -> str:
    rows = [(f"`{each.name}`", each.shown_default(_defaults()), each.meaning) for each in VARIABLES]
    return _table(("variable", "default", "meaning"), rows)


def _defaults() -> dict[str, object]:
    """The defaults of the settings, by their names in the code."""
    every = [*fields(Settings), *fields(TrafficSettings)]
    return {each.name: each.default for each in every}


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _faults() -> str:
    rows = []
    for name, kind in KINDS.items():
        fields = ", ".join([f"`{each}`" for each in kind.needs] + [f"`{each}`?" for each in kind.may])
        rows.append((f"`{name}`", ", ".join(f"`{each}`" for each in kind.targets), fields, kind.meaning))
    return _table(("fault", "where", "fields (? may be left out)", "what goes wrong"), rows)


_TABLES = {
    "faults": _faults,
    "operations": _operations,
    "decisions": _decisions,
    "images": _images,
    "variables": _variables,
}
