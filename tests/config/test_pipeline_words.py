"""What is silently something else in pipeline.yaml is refused, and the refusal says what to write."""

import pytest

from switchyard.config import door
from switchyard.core.errors import InvalidPipelineError
from tests.fakes.pipelines import BINARY

HEAD = "name: digits\ntarget: y\n"
QUOTE = "Input should be a valid string; YAML reads it as another kind of value: put it in quotes"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "rollout: {deadline_seconds: 3600}\nrollout: {steps: [50]}",
            "'rollout' stands in line 3 and again in line 4",
        ),
        ("target: z", "'target' stands in line 2 and again in line 3"),
        (
            "rollout:\n  steps: [50]\n  alpha: 0.1\n  steps: [10]",
            "'steps' stands in line 4 and again in line 6",
        ),
        ("deployment: {capture_percent: on}", "deployment.capture_percent: a boolean stands there"),
        ("validation_percent: yes", "validation_percent: a boolean stands there"),
        ("training: {instance_count: true}", "training.instance_count: a boolean stands there"),
        ("rollout: {steps: [true]}", "rollout.steps: a boolean stands there"),
        ("evaluation: {minimum_rows: yes}", "evaluation.minimum_rows: a boolean stands there"),
        (
            "deploymnet: {mode: batch}",
            "deploymnet: Extra inputs are not permitted; did you mean 'deployment'?",
        ),
        ("deployment: {instance_cuont: 2}", "did you mean 'instance_count'?"),
        ("rollout: {metrics: {errors: {margn: 0.1}}}", "'margn' was found: did you mean 'margin'?"),
        (
            "training: {hyperparameters: {a: null}}",
            "hyperparameters.a: expected a text, a number or a boolean",
        ),
        (f"x: {'[' * 5000}", "it is nested too deeply"),
        (f"x: {'{a: ' * 5000}", "it is nested too deeply"),
    ],
)
def test_a_refusal_says_what_to_write(text: str, says: str) -> None:
    refused(f"{HEAD}{text}", says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: digits\ntarget: no", "target: a boolean stands there, as YAML reads on, off, yes, no"),
        ("name: digits\ntarget: 1", f"target: {QUOTE}"),
        ("name: digits\ntarget:", "target: Input should be a valid string; nothing stands there"),
        ("Name: digits\ntarget: y", "name: Field required; 'Name' was found: did you mean 'name'?"),
    ],
)
def test_a_name_that_yaml_reads_otherwise(text: str, says: str) -> None:
    refused(text, says)


def refused(text: str, says: str) -> None:
    with pytest.raises(InvalidPipelineError) as error:
        door.parse("digits", text, BINARY)
    assert says in str(error.value)
    assert str(error.value).startswith("digits/pipeline.yaml: ")
    assert "Error" not in str(error.value)


@pytest.mark.parametrize("name", ["2024-13-45", "2024-01-31", "2001-12-14t21:59:43.10-05:00"])
def test_a_date_is_the_name_that_it_looks_like(name: str) -> None:
    assert door.parse("digits", f"name: digits\ntarget: {name}", BINARY).target == name


def test_booleans_stay_where_they_belong() -> None:
    text = f"{HEAD}retire: no\ntraining: {{kind: builtin, hyperparameters: {{verbose: true}}}}"
    assert door.parse("digits", text, BINARY).training.hyperparameters["verbose"] == "true"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "name: digits\nrollout:\n\tsteps: [10]\n",
            "line 3, column 1: a tab stands where a line is indented",
        ),
        ("name: digits\ndata:\n\u00a0\u00a0dates: day-first\n", "line 3: a no-break blank stands there"),
        ("name:\u00a0digits\ntarget: y\n", "line 2, column 7: a no-break blank stands there"),
        ("name: digits\n---\nname: x\n", "line 2, column 1: a second document begins (---); one is read"),
        ("name: digits\nrollout: {steps: [10]\n", "line 3, column 1: expected ',' or '}'"),
        ("name: 'digits\n", "line 2, column 1: found unexpected end of stream"),
        ("name: @digits\n", "line 1, column 7: found character '@'"),
        ("n\0a\0m\0e\0:\0", "it is UTF-16 as it looks; save it as UTF-8"),
        ("name: digits\n\0", "a control character (code 0x0) stands at position 13; remove it"),
        ("name: \x1b[31mdigits\n", "a control character (code 0x1b) stands at position 6; remove it"),
    ],
)
def test_what_is_no_yaml_is_told_in_one_line_by_its_place(text: str, says: str) -> None:
    with pytest.raises(InvalidPipelineError) as error:
        door.read("digits", text)
    assert f"digits/pipeline.yaml: not readable as YAML: {says}" in str(error.value)
    assert "unicode string" not in str(error.value)
    assert str(error.value).isprintable()
