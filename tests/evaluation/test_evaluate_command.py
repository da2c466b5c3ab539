"""`switchyard evaluate`: the gate's own verdict on a file of scores."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    """Of 6,000 rows the champion has 5 in 6 right, the challenger all."""
    rows = [(at % 2, at % 6 == 0, 0.5 + (at * 37 % 101 + 1) / 210) for at in range(6_000)]
    lines = [f"{y},{p if y != wrong else 1 - p},{p if y else 1 - p}" for y, wrong, p in rows]
    (tmp_path / "digits").mkdir()
    path = tmp_path / "digits/scores.csv"
    path.write_text("\n".join(["label,champion,challenger", *lines, ""]))
    return path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["evaluate", *words])
    return result.exit_code, result.stdout if "--json" in words else result.output


def test_a_better_challenger_passes(scores: Path) -> None:
    code, said = run(str(scores), "--json")
    verdict = json.loads(said)
    assert (code, verdict["outcome"], verdict["rows"], verdict["invalid"]) == (0, "pass", 6_000, 0)


def test_a_worse_one_fails_with_the_reason(scores: Path) -> None:
    swapped = scores.read_text().replace("label,champion,challenger", "label,challenger,champion")
    scores.write_text(swapped)
    code, said = run(str(scores))
    assert code == 1
    assert "6,000 rows. fail: " in said


def test_the_policy_of_a_pipeline_judges(scores: Path) -> None:
    pipeline = scores.with_name("pipeline.yaml")
    pipeline.write_text("name: digits\ntarget: y\nevaluation: {minimum_rows: 6001}\n")
    code, said = run(str(scores), "--pipeline", str(pipeline), "--json")
    assert (code, json.loads(said)["outcome"]) == (1, "not_enough_data")


def test_another_table_is_an_error_with_the_next_step(scores: Path) -> None:
    scores.write_text("a,b\n1,2\n")
    code, said = run(str(scores))
    assert code == 2
    assert "columns label, challenger are needed" in said
    assert "Next:" in said


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, said = run(str(tmp_path / "none.csv"))
    assert code == 2
    assert "none.csv is not there" in said


@pytest.mark.parametrize("names", ["no", "no no", "no yes maybe"])
def test_each_class_has_a_name_of_its_own(tmp_path, names):
    scores = tmp_path / "scores.csv"
    scores.write_text("label,challenger\n" + "0,0.2\n1,0.7\n" * 300)
    named = [f"--class={name}" for name in names.split()]
    found = CliRunner().invoke(app, ["evaluate", str(scores), *named])
    assert (found.exit_code, "the scores are of 2 classes" in " ".join(found.output.split())) == (2, True)
    whole = CliRunner().invoke(app, ["evaluate", str(scores), "--class=no", "--class=yes"])
    assert whole.exit_code == 0
