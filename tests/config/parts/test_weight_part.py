"""A column of weights: what it goes together with, and what would leave it out."""

from typing import Any

import pytest

from switchyard.config import door
from switchyard.config.model_contract import ModelContract
from switchyard.core.data.contract import Contract, Feature
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.policy import Problem
from tests.fakes.pipelines import BINARY, pipeline, text

FLOORED = {"metrics": {"accuracy": {"margin": 0.05, "floor": 0.5}}}
WEIGHED: dict[str, Any] = {"columns": {"w": "weight"}, "evaluation": FLOORED}


def test_sagemakers_own_algorithm_is_told_of_the_second_column() -> None:
    assert pipeline(**WEIGHED, training={"kind": "builtin"}).training.hyperparameters["csv_weights"] == "1"
    assert "csv_weights" not in pipeline(**WEIGHED).training.hyperparameters


def test_cross_validation_does_not_step_in() -> None:
    assert pipeline(**WEIGHED).evaluation.cross_validation is None


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"columns": {"w": "weight", "v": "weight"}}, r"columns: v and w are both a weight"),
        (
            {"evaluation": {}},
            r"evaluation.metrics: must be given with weights, each with a floor.*column 'w'",
        ),
        (
            {"evaluation": {"metrics": {"auc": {"margin": 0.1, "floor": 0.5}}}},
            r"evaluation.metrics.auc: weights work with accuracy, log_loss, .*, found auc",
        ),
        (
            {"evaluation": {"metrics": {"mine": {"metric": "f1", "margin": 0.1, "floor": 0.5}}}},
            r"evaluation.metrics.mine: weights work with .*, found f1",
        ),
        (
            {"evaluation": {"metrics": {"accuracy": {"margin": 0.1}}}},
            r"metrics.accuracy.floor: must be given",
        ),
        ({"evaluation": FLOORED | {"slices": ["a"]}}, r"evaluation.slices: weights work without slices"),
        (
            {"evaluation": FLOORED | {"small_data": "cross_validation"}},
            r"evaluation.small_data: cross-validation counts rows alike",
        ),
        (
            {"problem": "binary", "prepare": {"kind": "spark", "entry_point": "p.py"}},
            r"prepare: weights work with tables that are dropped",
        ),
    ],
)
def test_what_would_count_rows_alike_is_refused(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidPipelineError, match=said):
        door.parse("digits", text(**{**WEIGHED, **parts}), BINARY)


def known(weight: str) -> ModelContract:
    return ModelContract(
        "s3://a/c.json", Contract("y", (Feature("a"),), Problem.BINARY, ("0", "1"), weight=weight)
    )


def test_a_models_weight_stays_whatever_a_later_file_says() -> None:
    with pytest.raises(InvalidPipelineError, match=r"evaluation.metrics: must be given with weights"):
        door.parse("digits", text(), BINARY, known("w"))
    with pytest.raises(InvalidPipelineError, match=r"columns.w: weight is stated, and the model's is none"):
        door.parse("digits", text(**WEIGHED), BINARY, known(""))
    with pytest.raises(InvalidPipelineError, match=r"columns.w: number is stated, and the model's is weight"):
        door.parse("digits", text(columns={"w": "number"}, evaluation=FLOORED), BINARY, known("w"))
