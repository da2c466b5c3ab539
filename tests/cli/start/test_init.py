"""From a file to a pipeline.yaml: what is asked, what is written, and that the door takes it."""

import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from cli.main import app
from cli.records.follow import arrived
from cli.stack.errors import RefusedError
from cli.start.begin import Asked, begin
from cli.start.file_look import FileLook
from cli.start.needs import (
    ALIKE,
    DIFFER,
    DISAGREEMENT,
    LEAST_HOLDOUT,
    Needs,
    deciding_margin,
    deciding_rows,
    metrics_of,
)
from cli.start.pipeline_text import SCHEMA, Beginning
from cli.start.questions import model_name
from switchyard.config import door
from switchyard.core.data.contract import Feature, Kind
from switchyard.core.data.dialect import read_dialect
from switchyard.core.data.target import LabelStatistics
from switchyard.core.gate_policy import CrossValidation, GatePolicy
from switchyard.core.policy import Problem
from switchyard.core.run import RunState
from switchyard.stats.intervals import paired_interval
from switchyard.stats.moments import Moments
from tests.cli.deployed import Deployed
from tests.cli.settled_runs import SOURCE, Desk
from tests.cli.start.terminal import at_a_terminal

HEADER = "age;income;left"
SWITCHYARD = str(Path(sys.executable).with_name("switchyard"))


def churn(folder: Path, rows: int, name: str = "churn.csv") -> Path:
    """A file as a spreadsheet of somebody in Berlin writes it: semicolons, decimal commas, yes and no."""
    lines = [f"{20 + n % 50},5;{n * 37 % 991};{'yes' if n * 7 % 3 == 0 else 'no'}" for n in range(rows)]
    path = folder / name
    path.write_text("\n".join([HEADER, *lines, ""]))
    return path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_what_is_written_is_taken_by_the_door_with_the_margins_of_the_rows(tmp_path: Path) -> None:
    begun = begin(Asked(target="left"), churn(tmp_path, 1500))
    pipeline = begun.pipeline(tmp_path)
    assert (pipeline.name, pipeline.target, pipeline.problem) == ("churn", "left", Problem.BINARY)
    assert pipeline.evaluation.minimum_rows == 200
    assert pipeline.evaluation.metrics["accuracy"].margin == pytest.approx(0.026)
    said = " ".join(begun.sentences(tmp_path))
    assert "1,500 rows, binary: 300 of them will judge" in said
    assert "needs 8,060 rows" in said


def test_the_kinds_of_columns_are_told_and_written(tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    rows = [
        f"{n % 70},2024-{1 + n % 12:02}-{1 + n % 28:02},{'Ulm' if n % 3 else 'Bern'},{n % 2}"
        for n in range(400)
    ]
    path.write_text("\n".join(["age,since,city,left", *rows, ""]))
    begun = begin(Asked(target="left"), path)
    kinds = "number (age), date (since), category (city)"
    assert f"Columns are read as {kinds}." in list(begun.sentences(tmp_path))
    assert f"# The file's columns are read as {kinds}.\n" in begun.beginning.text(tmp_path)
    assert {column.name: column.says for column in FileLook(path).columns}["since"] == "dates"


def test_a_column_name_of_several_lines_does_not_end_the_comment(tmp_path: Path) -> None:
    features = (Feature("a\nname: other", Kind.NUMBER), *(Feature(f"f{n}", Kind.NUMBER) for n in range(9)))
    text = Beginning("m", "left", features=features).text(tmp_path)
    assert "number (a name: other, f0, f1, f2, f3, f4 and 4 more)" in text
    assert yaml.safe_load(text) == {"name": "m", "target": "left"}


def test_a_small_file_is_no_dead_end(tmp_path: Path) -> None:
    begun = begin(Asked(target="left"), churn(tmp_path, 90))
    evaluation = begun.pipeline(tmp_path).evaluation
    assert evaluation.cross_validation == CrossValidation(folds=10, repeats=5)
    # With another release of the image, too.
    assert "small_data: cross_validation" in begun.beginning.text(tmp_path)
    assert 0.05 < evaluation.metrics["accuracy"].margin < 0.1
    said = " ".join(begun.sentences(tmp_path))
    assert "90 rows, binary: too few for a holdout, so 10-fold cross-validation, 5 times" in said
    assert "counts as much as a holdout of 68" in said


def test_with_enough_rows_the_usual_margins_are_written(tmp_path: Path) -> None:
    begun = begin(Asked(target="left"), churn(tmp_path, 8_100))
    assert begun.pipeline(tmp_path).evaluation.metrics["accuracy"].margin == 0.01
    assert "enough for the usual margins" in " ".join(begun.sentences(tmp_path))
    assert "tell no finer" not in begun.beginning.text(tmp_path)


def test_where_mistakes_cost_differently_nothing_that_weighs_them_alike_decides(tmp_path: Path) -> None:
    asked = Asked(target="left", mistakes=DIFFER)
    pipeline = begin(asked, churn(tmp_path, 900)).pipeline(tmp_path)
    assert set(pipeline.evaluation.metrics) == {"log_loss", "auc"}


@pytest.mark.parametrize("problem", Problem)
@pytest.mark.parametrize("mistakes", [ALIKE, DIFFER])
def test_every_answer_leaves_a_metric(problem: Problem, mistakes: str) -> None:
    assert metrics_of(problem, mistakes)


@given(st.sampled_from(Problem), st.integers(1, 5_000))
def test_more_rows_never_widen_a_margin(problem: Problem, rows: int) -> None:
    """But where the way of judging changes: a fifth of the rows says less than cross-validation on nearly as many."""
    assume(rows + 1 != LEAST_HOLDOUT)
    fewer, more = (Needs(problem, each).margins(ALIKE) for each in (rows, rows + 1))
    assert all(0 < more[name] <= fewer[name] < 1 for name in fewer)


@given(st.floats(0.001, 0.3))
def test_a_margin_and_its_rows_are_two_ways_to_say_one_thing(margin: float) -> None:
    rows = deciding_rows(margin)
    assert deciding_margin(rows) <= margin < deciding_margin(rows - 1)
    assert 2 * rows < deciding_rows(margin / 2) <= 4 * rows


@pytest.mark.parametrize("rows", [35, 60, 90, 150, 300, 575, 1_500, 5_000])
def test_an_equal_challenger_passes_the_gate_with_the_margin_that_is_written(rows: int) -> None:
    """One that is right in as many rows as it is wrong, where the two differ: what `init` promises of a small file."""
    needs = Needs(Problem.BINARY, rows // 5, rows=rows)
    judging = needs.judging
    pairs = max(1, round(DISAGREEMENT * judging / 2))
    margin = needs.margins(ALIKE)["accuracy"]
    assert paired_interval(Moments(judging, 0.0, 2.0 * pairs), GatePolicy().alpha)[1] <= margin


@given(
    st.text(min_size=1, max_size=40).filter(lambda text: text.strip().isprintable() and text.strip() == text)
)
def test_any_target_is_read_back_as_it_is_called(target: str) -> None:
    text = Beginning("churn", target).text(SCHEMA.parent)
    assert yaml.safe_load(text)["target"] == target


def test_editors_find_the_schema_from_where_the_file_lies(tmp_path: Path) -> None:
    first = Beginning("churn", "left").text(tmp_path).splitlines()[0]
    assert (tmp_path / first.partition("$schema=")[2]).resolve() == SCHEMA


def test_a_usual_name_of_a_target_is_taken_and_others_are_asked_for(tmp_path: Path) -> None:
    usual = tmp_path / "usual.csv"
    usual.write_text(churn(tmp_path, 100).read_text().replace("left", "churned", 1))
    assert begin(Asked(), usual).beginning.target == "churned"
    with pytest.raises(RefusedError) as refused:
        begin(Asked(), churn(tmp_path, 100))
    assert "--target 'left'" in refused.value.next_step
    assert "age, income, left" in refused.value.next_step


def test_a_column_that_is_nearly_right_is_named(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no column 'Left'") as refused:
        begin(Asked(target="Left"), churn(tmp_path, 100))
    assert "Did you mean 'left'?" in refused.value.next_step


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,left\n1,yes\n2,yes\n", "only one value"),
        ("a,left\n", "no rows"),
        ("a,left\n" + "1,0\n2,0\n" * 45 + "1,1\n" * 3, "bring about 155 rows"),
        ("a,a,left\n1,2,0\n", "occurs twice"),
        ("", "the file is empty"),
        (
            "Report Z\n\na;left\n1;0\n",
            "The first line is no header; take out what stands above the header in row 3",
        ),
        ("1.5,0\n2.5,1\n", "The first line holds values; write a header above it"),
    ],
)
def test_what_the_door_would_refuse_is_refused_here_in_its_words(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text)
    with pytest.raises(RefusedError) as refused:
        begin(Asked(target="left"), file)
    assert said in f"{refused.value.problem} {refused.value.next_step}"


@pytest.mark.parametrize(
    ("file", "name"),
    [("Bank Customers (2024).csv.gz", "bank-customers-2024"), ("a" * 40 + ".csv", "a" * 24)],
)
def test_a_model_is_called_after_its_file(file: str, name: str) -> None:
    assert model_name("", Path(file)) == name


def test_halves_and_requests_are_the_rows_in_one_form(tmp_path: Path) -> None:
    look = FileLook(churn(tmp_path, 5))
    assert look.every(2).decode().splitlines() == [
        "age,income,left",
        "20.5,0,yes",
        "22.5,74,no",
        "24.5,148,no",
    ]
    assert look.requests(look.contract("left"), 2) == ["20.5,0", "21.5,37"]


def test_init_asks_nothing_without_a_terminal_and_never_writes_over(tmp_path: Path) -> None:
    file, output = str(churn(tmp_path, 300)), tmp_path / "pipeline.yaml"
    answer = call("init", file, "--target", "left", "--output", str(output))
    assert answer.exit_code == 0, answer.output
    assert "Going live beside a champion takes an equal model about" in answer.output
    labels = LabelStatistics(2, {0.0, 1.0})
    assert door.parse("churn", output.read_text(), labels).target == "left"
    again = call("init", file, "--target", "left", "--output", str(output))
    assert (again.exit_code, "--force" in again.output) == (2, True)


def test_init_without_a_file_needs_the_column(tmp_path: Path) -> None:
    output = tmp_path / "pipeline.yaml"
    assert "--target" in call("init", "--model", "churn", "--output", str(output)).output
    assert call("init", "--model", "churn", "--target", "left", "--output", str(output)).exit_code == 0
    assert yaml.safe_load(output.read_text()) == {"name": "churn", "target": "left"}


def test_init_uploads_the_file_first_and_then_the_data(
    tmp_path: Path, stack: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.commands.start.init.ARRIVAL_SECONDS", 0.0)
    s3 = stack.client("s3")
    s3.create_bucket(Bucket="data")
    file = churn(tmp_path, 300)
    answer = call("init", str(file), "--target", "left", "--upload")
    assert answer.exit_code == 0, answer.output
    kept = s3.get_object(Bucket=stack.output("ArtifactBucketName"), Key="churn/pipeline.yaml")["Body"].read()
    assert kept.decode() == Path("pipeline.yaml").read_text()
    dropped = s3.get_object(Bucket=stack.output("DataBucketName"), Key="churn/train/churn.csv")["Body"].read()
    assert dropped == file.read_bytes()
    assert "switchyard runs --model churn" in " ".join(answer.output.split())


@pytest.mark.parametrize(
    ("fields", "declared"),
    [
        (["28/02/2026", "03/04/2025"], {"dates": "day-first"}),
        (["02/28/2026", "03/04/2025"], {"dates": "month-first"}),
        (["01.02.2026", "03.04.2025"], {"dates": "day-first"}),
        (["03/04/2026", "05/06/2025"], {}),
        (['"1,234.5"', "7"], {"thousands": ","}),
        (['"1,234"', "7"], {}),
        (['"1,5"', '"0,25"'], {"decimal": ","}),
        (["-", "7", "8", "9"], {"missing": ["-"]}),
        (["2026-11-29", "2025-01-01"], {}),
    ],
)
def test_what_a_file_shows_of_its_dialect_is_guessed(
    tmp_path: Path, fields: list[str], declared: dict[str, object]
) -> None:
    file = tmp_path / "odd.csv"
    rows = [f"{fields[n % len(fields)]},{n},{n % 2}\n" for n in range(60)]
    file.write_text("a,b,y\n" + "".join(rows))
    assert FileLook(file).as_guessed().dialect == read_dialect(declared)


def test_the_dialect_that_was_guessed_is_written_down_and_holds_for_the_door(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    rows = [f"{n % 28 + 1}/{n % 12 + 1}/2026,{n * 37 % 101},{'yes' if n % 3 else 'no'}\n" for n in range(600)]
    file.write_text("since,b,y\n" + "".join(rows))
    begun = begin(Asked(), file)
    assert begun.pipeline(tmp_path).dialect.dates == "day-first"


def test_init_waits_for_what_becomes_of_the_drop(stack: Deployed, deployed: Desk) -> None:
    key = SOURCE.partition("/digits/")[2]
    assert arrived(stack, "digits", f"digits/{key}", 0.1) is None
    deployed.upload(RunState.INVALID, "v2.csv: row 3", "")
    line = arrived(stack, "digits", f"digits/{key}", 5.0)
    assert line is not None
    assert (line.state, line.reason) == ("INVALID", "v2.csv: row 3")


def test_a_column_in_other_capitals_is_meant_and_a_column_has_one_kind(tmp_path: Path) -> None:
    path = churn(tmp_path, 1500)
    with pytest.raises(RefusedError) as refused:
        begin(Asked(target="LEFT"), path)
    assert "Did you mean 'left'?" in refused.value.next_step
    with pytest.raises(RefusedError, match="--column says two kinds of 'age'"):
        begin(Asked(target="left", columns=("age=number", "age=category")), path)


def test_a_file_of_nothing_that_a_screen_shows_is_told_harmlessly(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_bytes(b"\0\x1b[31m,b\n" * 100)
    with pytest.raises(RefusedError) as refused:
        begin(Asked(target="y"), path)
    assert "NUL bytes" in refused.value.next_step
    assert refused.value.next_step.isprintable()


def test_a_column_is_what_was_said_of_it(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    rows = [f"{n % 12 + 1:02}/{5 * n % 12 + 1:02}/2026,{n},{n % 2}" for n in range(300)]
    file.write_text("\n".join(["since,age,left", *rows, ""]))
    with pytest.raises(RefusedError, match="'since': not a date") as refused:
        begin(Asked(target="left"), file)
    assert "--column NAME=KIND" in refused.value.next_step
    begun = begin(Asked(target="left", columns=("since=category",)), file)
    assert begun.pipeline(tmp_path).columns == {"since": "category"}
    for wrong, said in (("since=words", "says no kind"), ("sinse=text", "no column 'sinse'")):
        with pytest.raises(RefusedError, match=said):
            begin(Asked(target="left", columns=(wrong,)), file)


def test_what_an_answer_means_and_what_is_left_out_is_said(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    rows = [f"C{n:05},{n % 7},{'gone' if n % 3 else 'active'}" for n in range(300)]
    file.write_text("\n".join(["id,visits,state", *rows, ""]))
    said = " ".join(begin(Asked(target="state"), file).sentences(tmp_path))
    assert "An answer is the probability of 'gone', not of 'active'" in said
    assert "Column 'id' is left out: every value is another one" in said


def test_accuracy_does_not_decide_where_one_class_is_rare(tmp_path: Path) -> None:
    file = tmp_path / "fraud.csv"
    file.write_text("\n".join(["amount,fraud", *(f"{n % 97},{int(n % 40 == 0)}" for n in range(2_000)), ""]))
    pipeline = begin(Asked(target="fraud"), file).pipeline(tmp_path)
    assert set(pipeline.evaluation.metrics) == {"log_loss", "auc"}


def test_a_file_that_no_drop_may_be_is_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "adult.data"
    file.write_text("age,left\n1,0\n")
    with pytest.raises(RefusedError, match=r"adult\.data is not named as a table") as refused:
        begin(Asked(target="left"), file)
    assert "rename it" in refused.value.next_step


def test_at_a_terminal_it_asks_for_what_the_file_does_not_say_and_again_after_a_typing_error(
    tmp_path: Path,
) -> None:
    churn(tmp_path, 1500)
    answers = [
        ("Which column is to be predicted?", "lfet"),
        ("Which column is to be predicted?", "left"),
        ("Does every mistake cost about the same", "n"),
        ("Upload both now?", "n"),
    ]
    ended = at_a_terminal([SWITCHYARD, "init", "churn.csv"], tmp_path, answers)
    assert ended.exit_code == 0, ended.screen
    assert "There is no column 'lfet'. Did you mean 'left'?" in ended.screen
    assert "age: " in ended.screen
    begun = begin(Asked("churn", "left", mistakes=DIFFER), tmp_path / "churn.csv")
    assert (tmp_path / "pipeline.yaml").read_text() == begun.beginning.text(tmp_path)
