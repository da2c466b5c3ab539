"""requirements/lambda/trim.py as a module (the build runs it, and nothing imports it), and layers for it."""

import importlib.util
import shutil
from pathlib import Path

import botocore

FILE = Path(__file__).resolve().parents[2] / "requirements/lambda/trim.py"
SPEC = importlib.util.spec_from_file_location("trim", FILE)
assert SPEC is not None
assert SPEC.loader is not None
trim = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(trim)
DATA = Path(botocore.__file__).parent / "data"


def add_unused(layer: Path) -> None:
    """What the trimming takes away beside botocore's data."""
    for pattern in trim.UNUSED:
        (layer / pattern.replace("[!_j]*", "parser").replace("*", "so")).mkdir(parents=True)
    (layer / "aws_lambda_powertools/utilities/jmespath_utils").mkdir()


def trimmed_data(layer: Path) -> Path:
    """botocore's own data of the services that the functions call, as the layer has them."""
    data = layer / "botocore/data"
    for service in trim.SERVICES:
        shutil.copytree(DATA / service, data / service)
    shutil.copy(DATA / "endpoints.json", data)
    add_unused(layer)
    trim.main(layer)
    return data
