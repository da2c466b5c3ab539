"""How AWS's own tables become modules of ours: the facts that are kept, and the text that is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.session

IMAGES = Path(__file__).with_name("images.json")
RULES = Path(__file__).parents[3] / "functions" / "switchyard" / "config" / "rules"
_HEAD = (
    '"""{about}\n\nMade by `python -m tests.config.aws_tables`; do not edit.\n"""\n\n'
    "from collections.abc import Mapping\n\n"
)
# What pipeline.yaml offers, by the file and the parts of the SDK's table that say where it is.
OFFERED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "xgboost": (("training", "inference"), ("1.5-1", "1.7-1", "3.0-5", "3.2-0")),
    "sklearn": (("training", "inference"), ("1.2-1", "1.4-2-py312", "1.9-0")),
    "pytorch": (("training", "inference"), ("2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6")),
    "spark": (("processing",), ("2.4", "3.0", "3.1", "3.2", "3.3", "3.5")),
}
_USES = {
    "TRAINING": "TrainingInstanceType",
    "PROCESSING": "ProcessingInstanceType",
    "TRANSFORM": "TransformInstanceType",
    "HOSTING": "ProductionVariantInstanceType",
}

Facts = dict[str, dict[str, dict[str, dict[str, Any]]]]


def facts_of(folder: Path) -> Facts:
    """{framework: {use: {version: {python, accounts by region}}}} of the SDK's files."""
    return {
        name: {
            use: {
                version: _fact(json.loads((folder / f"{name}.json").read_text())[use], version)
                for version in versions
            }
            for use in uses
        }
        for name, (uses, versions) in OFFERED.items()
    }


def _fact(table: dict[str, Any], version: str) -> dict[str, Any]:
    found = table["versions"][table.get("version_aliases", {}).get(version, version)]
    return {
        "repository": found["repository"],
        "python": (found.get("py_versions") or [""])[0],
        "accounts": dict(sorted(found["registries"].items())),
    }


def image_module(facts: Facts) -> str:
    """The regions of each list of accounts once, and which list each version has."""
    lists: list[dict[str, str]] = []
    lines = []
    for name, uses in facts.items():
        for use, versions in uses.items():
            for version, fact in versions.items():
                if fact["accounts"] not in lists:
                    lists.append(fact["accounts"])
                number = lists.index(fact["accounts"])
                lines.append(f'    ("{name}", "{use}", "{version}"): ("{fact["python"]}", {number}),')
    about = (
        "The registries of AWS's images, by region, and the Python in a tag, by (framework, use, version)."
    )
    accounts = "".join(
        "    {\n"
        + "".join(f'        "{region}": "{account}",\n' for region, account in each.items())
        + "    },\n"
        for each in lists
    )
    return (
        _HEAD.format(about=about)
        + f"ACCOUNTS: tuple[Mapping[str, str], ...] = (\n{accounts})\n"
        + "IMAGES: Mapping[tuple[str, str, str], tuple[str, int]] = {\n"
        + "\n".join(lines)
        + "\n}\n"
    )


def instance_types(use: str) -> list[str]:
    """The types of one use, as the installed botocore knows them."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    return list(model.shape_for(_USES[use]).enum)  # type: ignore[attr-defined]  # a string shape


def instance_module() -> str:
    about = "The instance types that SageMaker takes, by use: the sizes of each family."
    text = _HEAD.format(about=about)
    for use in _USES:
        text += f"{use}: Mapping[str, str] = {{\n"
        for family, sizes in _families(instance_types(use)).items():
            text += f'    "{family}": "{" ".join(sizes)}",\n'
        text += "}\n"
    return text


def _families(types: list[str]) -> dict[str, list[str]]:
    families: dict[str, list[str]] = {}
    for each in sorted(types):
        family, _, size = each.rpartition(".")
        families.setdefault(family, []).append(size)
    return families
