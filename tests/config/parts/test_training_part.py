"""Every way to train passes the door complete, and what SageMaker could not do is refused with the reason."""

from typing import Any

import pytest
import yaml

from switchyard.config import door
from switchyard.config.pipeline_json import pipeline_from_json, pipeline_to_json
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.pipeline import Pipeline, Range

BINARY = LabelStatistics(10, {0.0, 1.0})
CLASSES = LabelStatistics(10, {0.0, 1.0, 2.0})
SCRIPT = {"kind": "script", "framework": "sklearn", "entry_point": "train.py"}
SPARK = {"kind": "spark", "entry_point": "prepare.py"}
DEPTH = {"max_depth": {"min": 2, "max": 8}}


def parsed(labels: LabelStatistics | None = BINARY, **parts: Any) -> Pipeline:
    return door.parse("m", yaml.safe_dump({"name": "m", "target": "y", **parts}), labels)


def test_the_builtin_algorithm_has_its_version_and_the_hyperparameters_of_the_problem() -> None:
    made = parsed(CLASSES, training={"kind": "builtin", "hyperparameters": {"eta": 0.1}}).training
    assert (made.framework, made.version, made.image) == ("xgboost", "1.7-1", "")
    assert made.hyperparameters == {
        "objective": "multi:softprob",
        "num_round": "100",
        "seed": "1",
        "num_class": "3",
        "eta": "0.1",
    }
    assert made.metric_definitions == {}


def test_a_script_gets_what_it_is_given_as_json_and_nothing_more() -> None:
    given = {"lr": 0.1, "name": "adam", "fast": True, "epochs": 3}
    made = parsed(training={**SCRIPT, "hyperparameters": given}).training
    assert made.hyperparameters == {"lr": "0.1", "name": '"adam"', "fast": "true", "epochs": "3"}
    assert (made.version, made.inference_entry_point) == ("1.2-1", "train.py")


def test_a_container_emits_xgboost_s_metrics_unless_told_otherwise() -> None:
    assert "validation:logloss" in parsed().training.metric_definitions
    own = {"loss": "loss=([0-9.]+)"}
    assert parsed(training={"metric_definitions": own}).training.metric_definitions == own


def test_a_tuned_hyperparameter_has_no_fixed_value() -> None:
    made = parsed(tuning={"parameters": {"num_round": {"min": 10, "max": 90}, "eta": {"min": 0.1, "max": 1}}})
    assert "num_round" not in made.training.hyperparameters
    assert made.tuning is not None
    assert made.tuning.ranges["num_round"] == Range("10", "90", True, "Auto")
    assert made.tuning.ranges["eta"] == Range("0.1", "1", False, "Auto")
    assert (made.tuning.metric, made.tuning.goal) == ("validation:logloss", "Minimize")


def test_values_of_a_script_are_json_too() -> None:
    objective = {"metric": "loss", "goal": "Minimize"}
    tuning = {"parameters": {"name": {"values": ["adam", "sgd"]}}, "objective": objective}
    made = parsed(training={**SCRIPT, "metric_definitions": {"loss": "(.*)"}}, tuning=tuning)
    assert made.tuning is not None
    assert made.tuning.choices == {"name": ('"adam"', '"sgd"')}


def test_a_table_that_is_yet_to_be_made_needs_no_labels() -> None:
    made = parsed(None, problem="binary", prepare=SPARK)
    assert made.prepare is not None
    assert made.prepare.arguments == ("--input", "{input}", "--output", "{output}")


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"training": {"kind": "builtin"}},
        {"training": SCRIPT},
        {"tuning": {"parameters": {**DEPTH, "grow_policy": {"values": ["depthwise", "lossguide"]}}}},
        {"problem": "binary", "prepare": SPARK},
        {"may_copy_target": ["a"]},
    ],
)
def test_what_was_frozen_is_thawed(parts: dict[str, Any]) -> None:
    made = parsed(**parts)
    assert pipeline_from_json(pipeline_to_json(made)) == made


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"training": {"kind": "script"}}, "training: kind: script needs `framework`"),
        ({"training": {"entry_point": "t.py"}}, "training.entry_point: belongs to training.kind: script"),
        ({"training": {**SCRIPT, "image": "x"}}, "training.image: belongs to training.kind: container"),
        ({"training": {**SCRIPT, "entry_point": "../t.py"}}, "training.entry_point: String should match"),
        (
            {"training": {**SCRIPT, "version": "9"}},
            "training.version: '9' is no version of sklearn; known: 1.2-1",
        ),
        ({"training": {"version": "1.7-1"}}, "training.version: belongs to builtin and script"),
        (
            {"training": {"kind": "builtin", "metric_definitions": {"a": "b"}}},
            "training.metric_definitions: SageMaker defines those of its own algorithms",
        ),
        ({"tuning": {"parameters": {}}}, "tuning.parameters: "),
        ({"tuning": {"parameters": {"a": {}}}}, "tuning.parameters.a: give `min` and `max`, or `values`"),
        (
            {"tuning": {"parameters": {"a": {"min": 2, "max": 1}}}},
            "tuning.parameters.a: min 2 must be below max 1",
        ),
        ({"tuning": {"parameters": {"a": {"min": 1, "values": [1]}}}}, "or `values`, not both"),
        ({"tuning": {"strategy": "Grid", "parameters": DEPTH}}, "max_depth: Grid takes lists alone"),
        (
            {"tuning": {"parameters": {"a": {"min": 0, "max": 1, "scale": "Logarithmic"}}}},
            "scale Logarithmic needs a min above 0",
        ),
        (
            {"tuning": {"parameters": {"a": {"min": 0, "max": 1, "scale": "ReverseLogarithmic"}}}},
            "scale ReverseLogarithmic needs fractions",
        ),
        (
            {"tuning": {"parameters": DEPTH, "objective": {"metric": "f1", "goal": "Maximize"}}},
            "tuning.objective.metric: 'f1' is not in training.metric_definitions",
        ),
        ({"tuning": {"parameters": DEPTH}, "validation_percent": 0}, "validation_percent is 0; make it 10"),
        ({"tuning": {"parameters": DEPTH}, "training": SCRIPT}, "tuning.objective: a script needs"),
        (
            {"tuning": {"parameters": DEPTH}, "training": {"hyperparameters": {"max_depth": 3}}},
            "training.hyperparameters.max_depth: is tuned as well",
        ),
        (
            {"problem": "binary", "prepare": {**SPARK, "instance_count": 2}},
            "prepare.instance_count: {input} and {output} are folders of one instance",
        ),
    ],
)
def test_what_sagemaker_cannot_do_is_refused_with_the_reason(parts: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidPipelineError) as refused:
        parsed(**parts)
    assert f"m/pipeline.yaml: {reason}" in str(refused.value) or reason in str(refused.value)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"prepare": SPARK}, "problem: must be stated with `prepare`"),
        (
            {"prepare": SPARK, "problem": "multiclass"},
            "hyperparameters.num_class: must be given with `prepare`",
        ),
    ],
)
def test_what_only_the_labels_could_tell_must_be_stated(parts: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidPipelineError, match=reason):
        parsed(None, **parts)


@pytest.mark.parametrize("count", [2, 1, "two"])
def test_fewer_classes_than_the_data_have_are_refused_before_anything_is_started(count: object) -> None:
    with pytest.raises(
        InvalidPipelineError, match=r"num_class: is \w+, and the data have 3 classes; raise it"
    ):
        parsed(CLASSES, training={"hyperparameters": {"num_class": count}})


def test_more_classes_than_the_data_have_may_be_declared() -> None:
    made = parsed(CLASSES, training={"hyperparameters": {"num_class": 5}}).training
    assert made.hyperparameters["num_class"] == "5"
