"""docs/sagemaker-local.md says what the code does, and is up to date."""

from __future__ import annotations

import re
from pathlib import Path

import botocore.session
import pytest

import sagemaker_local
from sagemaker_local.handbook.differences import OPERATION_DIFFERENCES, RUNTIME_DIFFERENCES
from sagemaker_local.handbook.images import IMAGE_NOTES
from sagemaker_local.handbook.page import render
from sagemaker_local.handbook.variables import VARIABLES
from sagemaker_local.hosting.data_plane import TrafficSettings
from sagemaker_local.operations import OPERATIONS
from sagemaker_local.runtime.images import BUILT_IN, load
from sagemaker_local.runtime.isolation import HOSTS
from sagemaker_local.runtime.leftovers import TOKEN
from sagemaker_local.settings import read_settings

PACKAGE = Path(sagemaker_local.__file__).parent
PAGE = PACKAGE.parent / "docs" / "sagemaker-local.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == render(), "run: python -m sagemaker_local.handbook > docs/sagemaker-local.md"


def test_every_operation_has_its_row() -> None:
    assert set(OPERATION_DIFFERENCES) == set(OPERATIONS)
    runtime = botocore.session.get_session().get_service_model("sagemaker-runtime")
    assert set(RUNTIME_DIFFERENCES) == set(runtime.operation_names)


def test_every_shipped_image_has_its_row() -> None:
    assert list(IMAGE_NOTES) == [image.match for image in load(BUILT_IN)]


def test_every_variable_of_the_code_is_on_the_page() -> None:
    sources = [file for file in PACKAGE.rglob("*.py") if "handbook" not in file.parts]
    text = "".join(file.read_text() for file in sources)
    read = set(re.findall(r"SAGEMAKER_LOCAL_[A-Z_]+", text)) - {TOKEN, HOSTS}  # what programs are told
    assert {each.name for each in VARIABLES if each.name.startswith("SAGEMAKER_LOCAL_")} == read


@pytest.mark.parametrize(
    "variable", [each for each in VARIABLES if each.setting], ids=lambda variable: variable.name
)
def test_every_variable_sets_what_the_page_says(variable: object, tmp_path: Path) -> None:
    name, setting = variable.name, variable.setting  # type: ignore[attr-defined]
    value = "http://127.0.0.1:7" if name.endswith("URL") else "7"
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", name: value}
    settings = read_settings(environment, tmp_path)
    traffic = TrafficSettings.from_environment(environment)
    found = [getattr(each, setting) for each in (settings, traffic) if hasattr(each, setting)]
    assert value in {f"{each:g}" if isinstance(each, float) else str(each) for each in found}


def test_the_images_file_of_the_page_is_one(tmp_path: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "images.yaml").write_text(blocks[0])
    (image,) = load(tmp_path / "images.yaml")
    assert image.match == "my-image:*"
    assert set(image.commands) == {"train", "serve", "process"}
