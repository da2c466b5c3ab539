"""examples/digits: what it declares is understood by everyone who reads it."""

import os
from pathlib import Path

import yaml

from cli.demo.data import BAD_RELEASE_IMAGE, IMAGE, TARGET, make_demo_data
from container.training.hyperparameters import read_hyperparameters
from sagemaker_local.runtime.images import Images
from switchyard.config import door
from switchyard.core.data.target import LabelStatistics
from switchyard.core.policy import Problem

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "digits"


def declared(text: str) -> door.Pipeline:
    labels = LabelStatistics()
    for line in make_demo_data().drops["v1"].decode().splitlines()[1:]:
        labels.add(float(line.partition(",")[0]))
    return door.parse("digits", text, labels)


def test_the_pipeline_is_valid_and_so_are_its_hyperparameters() -> None:
    found = declared((EXAMPLE / "pipeline.yaml").read_text())
    assert (found.name, found.target, found.problem) == ("digits", TARGET, Problem.MULTICLASS)
    assert found.training.image == IMAGE
    read = read_hyperparameters(found.training.hyperparameters)
    assert (read.objective, read.num_class, read.num_round) == ("multi:softprob", 10, 80)


def test_without_any_hyperparameters_the_defaults_train_too() -> None:
    found = declared("name: digits\ntarget: label\n")
    assert read_hyperparameters(found.training.hyperparameters).num_class == 10


def test_both_image_versions_are_known_to_the_plane_and_differ_in_serving_only() -> None:
    images = Images([EXAMPLE / "images.yaml"])
    good, bad = images.find(IMAGE), images.find(BAD_RELEASE_IMAGE)
    assert good.commands["train"] == bad.commands["train"]
    assert good.commands["serve"] != bad.commands["serve"]
    for program in (*good.commands.values(), *bad.commands.values()):
        assert all(os.access(word, os.X_OK) for word in program)


def test_every_hyperparameter_is_a_string_as_sagemaker_wants_it() -> None:
    document = yaml.safe_load((EXAMPLE / "pipeline.yaml").read_text())
    assert all(isinstance(value, str) for value in document["training"]["hyperparameters"].values())
