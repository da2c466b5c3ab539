"""Which models are judged by cross-validation where a holdout would be too small."""

from typing import Any

import pytest

from switchyard.config import door
from switchyard.config.pipeline_json import pipeline_from_json, pipeline_to_json
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.gate_policy import CrossValidation
from tests.fakes.pipelines import text


def parsed(**parts: Any) -> CrossValidation | None:
    labels = LabelStatistics()
    for label in (0.0, 1.0):
        labels.add(label)
    pipeline = door.parse("digits", text("digits", **parts), labels)
    assert pipeline_from_json(pipeline_to_json(pipeline)) == pipeline
    return pipeline.evaluation.cross_validation


def test_the_default_image_does_it_without_being_asked() -> None:
    assert parsed() == CrossValidation(folds=10, repeats=5)
    assert parsed(evaluation={"folds": 5, "repeats": 10}) == CrossValidation(5, 10)


OWN = {"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1"}
TUNING = {"parameters": {"eta": {"min": 0.1, "max": 0.3}}}


@pytest.mark.parametrize(
    "parts",
    [
        {"evaluation": {"small_data": "refuse"}},
        {"training": OWN},
        {"training": {"kind": "builtin"}},
        {"tuning": TUNING},
    ],
)
def test_nothing_else_does(parts: dict[str, Any]) -> None:
    assert parsed(**parts) is None


def test_an_image_of_ones_own_does_it_where_the_owner_says_so() -> None:
    assert parsed(training=OWN, evaluation={"small_data": "cross_validation"}) == CrossValidation()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"training": {"kind": "builtin"}}, "algorithms refuse the channel"),
        ({"tuning": TUNING}, "one set of hyperparameters"),
        ({"training": OWN | {"instance_count": 2}}, "on one instance"),
    ],
)
def test_asked_for_where_it_cannot_be_it_is_refused_with_what_works(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidPipelineError, match=rf"evaluation\.small_data: .*{said}.*minimum_rows"):
        parsed(**parts, evaluation={"small_data": "cross_validation"})


@pytest.mark.parametrize(("field", "value"), [("folds", 2), ("folds", 21), ("repeats", 0), ("repeats", 21)])
def test_folds_and_repeats_have_limits(field: str, value: int) -> None:
    with pytest.raises(InvalidPipelineError, match=rf"evaluation\.{field}: must lie between"):
        parsed(evaluation={field: value})
