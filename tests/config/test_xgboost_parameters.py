"""Hyperparameters that cannot come to a model of the problem are refused before an instance is paid."""

from typing import Any

import pytest
import yaml

from container.training.hyperparameters import READERS
from switchyard.config import door
from switchyard.config.rules.xgboost_parameters import KNOWN
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.pipeline import Pipeline

LABELS = {
    "binary": LabelStatistics(10, {0.0, 1.0}),
    "multiclass": LabelStatistics(10, {0.0, 1.0, 2.0}),
    "regression": LabelStatistics(100, {at + 0.5 for at in range(60)}),
}
OWN = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"


def parsed(problem: str, training: dict[str, Any], **parts: Any) -> Pipeline:
    written = {"name": "m", "target": "y", "training": training, **parts}
    return door.parse("m", yaml.safe_dump(written), LABELS[problem])


def test_the_names_are_those_of_the_image() -> None:
    assert frozenset(READERS) == KNOWN


@pytest.mark.parametrize("kind", ["container", "builtin"])
@pytest.mark.parametrize(
    ("problem", "objective", "instead"),
    [
        ("binary", "reg:squarederror", "use binary:logistic"),
        ("binary", "multi:softprob", "use binary:logistic"),
        ("binary", "binary:logitraw", "use binary:logistic"),
        ("multiclass", "multi:softmax", "use multi:softprob"),
        ("multiclass", "binary:logistic", "use multi:softprob"),
        ("regression", "binary:logistic", "use reg:squarederror"),
        ("regression", "rank:pairwise", "use reg:squarederror"),
        ("regression", "squarederror", "use reg:squarederror"),
    ],
)
def test_an_objective_answers_what_the_gate_reads(
    kind: str, problem: str, objective: str, instead: str
) -> None:
    given = {"kind": kind, "hyperparameters": {"objective": objective}}
    with pytest.raises(InvalidPipelineError, match=f"objective: '{objective}' does not answer .*; {instead}"):
        parsed(problem, given)


@pytest.mark.parametrize(
    ("problem", "objective"),
    [
        ("binary", "binary:logistic"),
        ("binary", "binary:hinge"),
        ("binary", "reg:logistic"),
        ("multiclass", "multi:softprob"),
        ("regression", "reg:gamma"),
        ("regression", "count:poisson"),
    ],
)
def test_others_are_taken(problem: str, objective: str) -> None:
    made = parsed(problem, {"hyperparameters": {"objective": objective}}).training
    assert made.hyperparameters["objective"] == objective


@pytest.mark.parametrize(
    ("training", "said"),
    [
        ({"hyperparameters": {"num_class": 2}}, "num_class: belongs to multiclass problems"),
        (
            {"kind": "builtin", "hyperparameters": {"num_class": 2}},
            "num_class: belongs to multiclass problems",
        ),
        ({"hyperparameters": {"learning_rate": 0.1}}, "learning_rate: the default image knows no such"),
        ({"hyperparameters": {"max_dept": 3}}, "max_dept: .*; did you mean 'max_depth'?"),
        (
            {"image": "switchyard-xgboost:1", "hyperparameters": {"foo": 3}},
            "foo: the default image knows no such",
        ),
    ],
)
def test_what_an_image_does_not_know_is_told(training: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidPipelineError, match=said):
        parsed("binary", training)


def test_what_is_searched_is_known_too() -> None:
    tuning = {"parameters": {"booster": {"values": ["gbtree", "dart"]}}}
    with pytest.raises(InvalidPipelineError, match="booster: the default image knows no such"):
        parsed("binary", {}, tuning=tuning)
    assert parsed("binary", {"kind": "builtin"}, tuning=tuning).tuning is not None


def test_images_of_others_and_scripts_have_names_of_their_own() -> None:
    given = {"foo": 1, "objective": "rank:pairwise", "num_class": 7}
    assert parsed("binary", {"image": OWN, "hyperparameters": given}).training.hyperparameters["foo"] == "1"
    script = {"kind": "script", "framework": "sklearn", "entry_point": "train.py", "hyperparameters": given}
    assert parsed("binary", script).training.hyperparameters["foo"] == "1"
