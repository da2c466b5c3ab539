"""`switchyard validate`: what admission would say of a file, before there is any data."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.stack.home import REPOSITORY

EXAMPLES = sorted((REPOSITORY / "examples").glob("*/pipeline.yaml"))


def call(*files: Path) -> Result:
    return CliRunner().invoke(app, ["validate", *map(str, files)])


def test_every_example_is_valid() -> None:
    answer = call(*EXAMPLES)
    assert answer.exit_code == 0, answer.output
    assert answer.output.count("valid") == len(EXAMPLES) > 20


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: churn\ntarget: left\ntraining: {kind: magic}\n", "training.kind"),
        ("name: churn\n", "target"),
        ("- churn\n", "expected a mapping"),
        ("name: churn\ntarget: left\ntarget: right\n", "target"),
        (
            "name: churn\ntarget: left\nproblem: binary\nevaluation: {metrics: {squared_error: {margin: 0.1}}}\n",
            "binary",
        ),
        ("name: [\n", "not readable as YAML"),
    ],
)
def test_a_file_that_no_data_could_save_is_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "pipeline.yaml"
    file.write_text(text)
    answer = call(EXAMPLES[0], file)
    assert answer.exit_code == 2
    assert says in answer.output
    assert "1 of 2 would be refused" in answer.output


@pytest.mark.parametrize("metric", ["auc", "squared_error", "log_loss"])
def test_a_file_that_leaves_the_problem_to_the_data_may_have_any_metric(tmp_path: Path, metric: str) -> None:
    file = tmp_path / "pipeline.yaml"
    file.write_text(f"name: churn\ntarget: left\nevaluation: {{metrics: {{{metric}: {{margin: 0.1}}}}}}\n")
    assert call(file).exit_code == 0


def test_a_model_that_retires_is_valid_and_a_file_that_is_not_there_is_not(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.yaml"
    file.write_text("name: churn\ntarget: left\nretire: true\n")
    assert call(file).exit_code == 0
    assert call(tmp_path / "absent.yaml").exit_code == 2


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "pipeline.yaml: expected a mapping with at least"),
        (
            "name: churn\ntarget: left\n".encode("utf-16"),
            "not UTF-8 text (invalid start byte); save it as UTF-8",
        ),
        ("name: churn # größe\n".encode("latin-1"), "not UTF-8 text"),
        (
            "name: \u201cchurn\u201d\ntarget: left\n".encode(),
            "is no name of a model; write lower-case letters, digits",
        ),
        (b"name: churn\ntarget: left\n\0", "a control character (code 0x0) stands at position 25; remove it"),
    ],
)
def test_what_is_no_text_of_yaml_is_told_as_the_door_tells_it(tmp_path: Path, body: bytes, says: str) -> None:
    file = tmp_path / "pipeline.yaml"
    file.write_bytes(body)
    said = " ".join(call(file).output.split())
    assert says in said
    assert "codec" not in said
    assert ": /pipeline.yaml" not in said
