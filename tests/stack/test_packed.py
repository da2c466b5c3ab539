"""A build is packed once: the same code and the same template, in the form that a deployment needs no time for."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from cli.stack.packed import pack

TEMPLATE = """
Resources:
  Admit: {Type: AWS::Serverless::Function, Properties: {CodeUri: Admit, Timeout: 30}}
  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: Layer}}
  Inline: {Type: AWS::Serverless::Function, Properties: {InlineCode: "x = 1"}}
  Machine: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: ../../machine.asl.yaml}}
  Queue: {Type: AWS::SQS::Queue}
"""


def built(place: Path, age: int) -> Path:
    """What `sam build` leaves in a folder; every file is `age` seconds old by 1970's clock."""
    files = {"Admit/handler.py": "x = 1\n", "Layer/python/a/b.py": "y = 2\n", "template.yaml": TEMPLATE}
    for name, text in files.items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        os.utime(file, (age, age))
    return place


def test_the_template_means_the_same_and_names_zips_of_the_same_content(tmp_path: Path) -> None:
    pack(built(tmp_path, 10**9))
    resources = json.loads((tmp_path / "template.yaml").read_text())["Resources"]
    assert resources == {
        "Admit": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": "Admit.zip", "Timeout": 30},
        },
        "Layer": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "Layer.zip"}},
        "Inline": {"Type": "AWS::Serverless::Function", "Properties": {"InlineCode": "x = 1"}},
        "Machine": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {"DefinitionUri": "../../machine.asl.yaml"},
        },
        "Queue": {"Type": "AWS::SQS::Queue"},
    }
    with zipfile.ZipFile(tmp_path / "Layer.zip") as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == {"python/a/b.py": b"y = 2\n"}
    assert not (tmp_path / "Layer").exists()


def test_functions_of_one_code_share_its_zip(tmp_path: Path) -> None:
    """SAM builds them into one folder."""
    template = built(tmp_path, 10**9) / "template.yaml"
    again = "  Again: {Type: AWS::Serverless::Function, Properties: {CodeUri: Admit}}\n"
    template.write_text(TEMPLATE + again)
    pack(tmp_path)
    resources = json.loads(template.read_text())["Resources"]
    assert {resources[each]["Properties"]["CodeUri"] for each in ("Admit", "Again")} == {"Admit.zip"}
    with zipfile.ZipFile(tmp_path / "Admit.zip") as packed:
        assert packed.namelist() == ["handler.py"]


@pytest.mark.parametrize("name", ["Admit.zip", "Layer.zip"])
def test_the_same_code_gives_the_same_bytes_whenever_it_was_built(tmp_path: Path, name: str) -> None:
    """SAM names an upload by its bytes: another name would be another version of the layer."""
    for place, age in ((tmp_path / "one", 10**9), (tmp_path / "two", 10**9 + 7)):
        pack(built(place, age))
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
