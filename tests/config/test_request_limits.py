"""What SageMaker refuses of names, texts and counts when a job or a model is made is refused when a file is read."""

from typing import Any

import botocore.session
import pytest
import yaml

from switchyard.config import door
from switchyard.config.rules import request_limits
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.pipeline import Pipeline

BINARY = LabelStatistics(10, {0.0, 1.0})
SCRIPT = {"kind": "script", "framework": "sklearn", "entry_point": "train.py"}
MANY = {f"a{at}": 1 for at in range(100)}
LONG = "x" * 2501


def parsed(**parts: Any) -> Pipeline:
    return door.parse("m", yaml.safe_dump({"name": "m", "target": "y", **parts}), BINARY)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"training": {"hyperparameters": {"a": LONG}}}, "hyperparameters.a: 2501 characters"),
        ({"training": {**SCRIPT, "hyperparameters": {"a": LONG[2:]}}}, "2501 characters, as it is sent"),
        ({"training": {"hyperparameters": {"a": "b\nc"}}}, "hyperparameters.a: there is a line feed in it"),
        (
            {"training": {"hyperparameters": {"a\nb": 1}}},
            r"hyperparameters.a\\nb: there is a line feed in it",
        ),
        ({"training": {"hyperparameters": MANY}}, "takes 100, .* these are 103"),
        ({"training": {**SCRIPT, "hyperparameters": MANY}}, "takes 100, .* these are 105"),
        (
            {
                "training": {"hyperparameters": dict(list(MANY.items())[:97])},
                "tuning": {"parameters": {"eta": {"min": 0.1, "max": 0.3}}},
            },
            "these are 101",
        ),
        ({"training": {**SCRIPT, "hyperparameters": {"sagemaker_program": "b.py"}}}, "says this itself"),
        ({"training": {"metric_definitions": {"a": "loss=("}}}, "a: it is no regular expression"),
        ({"training": {"metric_definitions": {"a": "b\nc"}}}, "metric_definitions.a: there is a line feed"),
        ({"deployment": {"environment": {"1A": "x"}}}, "environment.1A: a variable's name has letters"),
        ({"deployment": {"environment": {"A-B": "x"}}}, "environment.A-B: a variable's name has letters"),
        ({"deployment": {"environment": {"A\x1b": "x"}}}, r"environment.A\\x1b: a variable's name has"),
        ({"deployment": {"environment": {"A": "é" * 513}}}, "environment.A: 1026 bytes"),
        (
            {"deployment": {"environment": {f"A{at}": "x" * 1000 for at in range(33)}}},
            "environment: 33089 bytes; SageMaker takes 32768 together",
        ),
        ({"prepare": {"kind": "spark", "entry_point": "p.py", "arguments": ["a\nb"]}}, "prepare.arguments: "),
        ({"tuning": {"parameters": {"a": {"values": ["x" * 257, "y"]}}}}, "256 characters of a value"),
        ({"tuning": {"parameters": {"a": {"values": ["x\ny", "y"]}}}}, "parameters.a: there is a line feed"),
        (
            {"tuning": {"max_jobs": 4, "parameters": {"a": {"values": ["x", "y", "y"]}}}},
            "max_jobs: is 4, and the parameters have 2 combinations",
        ),
        (
            {"tuning": {"strategy": "Grid", "parameters": {n: {"values": [*range(28)]} for n in "ab"}}},
            "the grid has 784 combinations; a tuning job runs 750",
        ),
    ],
)
def test_refused(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidPipelineError, match=said):
        parsed(problem="binary", **parts)


def test_at_the_limits_it_is_taken() -> None:
    made = parsed(
        training={**SCRIPT, "hyperparameters": {**dict(list(MANY.items())[:94]), "a": "b\n" + "x" * 2495}},
        deployment={"environment": {"_A1": "é" * 512}},
    )
    assert len(made.training.hyperparameters) == 95
    assert len(made.training.hyperparameters["a"]) == 2500


@pytest.mark.parametrize(
    ("given", "jobs"), [({"min": 2, "max": 8}, 7), ({"min": 0.2, "max": 8}, 10), ({"values": [1, 2, 2]}, 2)]
)
def test_without_a_number_of_jobs_it_is_that_of_the_combinations_at_most(
    given: dict[str, Any], jobs: int
) -> None:
    tuning = parsed(tuning={"parameters": {"max_depth": given}}).tuning
    assert tuning is not None
    assert (tuning.max_jobs, tuning.max_parallel_jobs) == (jobs, 2)


def test_a_grid_of_one_runs_one_job_at_a_time() -> None:
    tuning = parsed(tuning={"strategy": "Grid", "parameters": {"max_depth": {"values": [3]}}}).tuning
    assert tuning is not None
    assert tuning.max_parallel_jobs == 1


def test_lengths_and_patterns_are_those_of_the_service_model() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")

    def of(name: str) -> dict[str, Any]:
        return dict(model.shape_for(name).metadata)

    assert of("HyperParameters")["max"] == request_limits.MOST_HYPERPARAMETERS
    assert of("HyperParameterValue") == {
        "min": 0,
        "max": request_limits.LONGEST_HYPERPARAMETER,
        "pattern": ".*",
    }
    assert of("ParameterValue")["max"] == request_limits.LONGEST_CHOICE
    assert of("EnvironmentKey")["pattern"] == "[a-zA-Z_][a-zA-Z0-9_]*"
    assert of("EnvironmentValue")["max"] == request_limits.VARIABLE_BYTES
    for of_one_line in ("HyperParameterKey", "MetricName", "MetricRegex", "ContainerArgument"):
        assert of(of_one_line)["pattern"] in (".*", ".+")
