"""The project's own definitions, as an interpreter is given them."""

import json
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.asl.machine import SUBSTITUTION
from tests.contract.cloudformation import ROOT

BUCKET = "artifacts"
MACHINES = ("restore", "rollout", "retrain", "transform")


def definition(machine: str, arns: Mapping[str, str], folder: Path = ROOT / "statemachine") -> str:
    """The file's YAML as JSON, with every substitution made: functions get an ARN that ends in their name."""
    text = (folder / f"{machine}.asl.yaml").read_text()
    known = {f"{name.title()}MachineArn": arn for name, arn in arns.items()}

    known["ArtifactBucket"] = BUCKET

    def value(name: str) -> str:
        return (
            known.get(name)
            or f"arn:aws:lambda:us-east-1:000000000000:function:{name.removesuffix('FunctionArn')}"
        )

    return json.dumps(yaml.safe_load(SUBSTITUTION.sub(lambda found: value(found.group(1)), text)))
