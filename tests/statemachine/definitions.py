"""The project's own definitions, as an interpreter is given them."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from tests.asl.machine import SUBSTITUTION
from tests.contract.cloudformation import ROOT

BUCKET = "artifacts"
MACHINES = ("restore", "rollout", "retrain", "transform")


def definition(machine: str, arns: Mapping[str, str], folder: Path = ROOT / "statemachine") -> str:
    """The file's YAML as JSON, with every substitution made: functions get an ARN that ends in their name."""
    known = {f"{name.title()}MachineArn": arn for name, arn in arns.items()} | {"ArtifactBucket": BUCKET}

    def value(name: str) -> str:
        return (
            known.get(name)
            or f"arn:aws:lambda:us-east-1:000000000000:function:{name.removesuffix('FunctionArn')}"
        )

    text = _as_json(folder / f"{machine}.asl.yaml")
    return SUBSTITUTION.sub(lambda found: value(found.group(1)), text)


@cache
def _as_json(file: Path) -> str:
    return json.dumps(yaml.safe_load(file.read_text()))
