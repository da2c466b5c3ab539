"""`train` by the contract: files in, a model out, and every failure in words."""

import json
import re
import shutil
import signal
from pathlib import Path

import pytest

from tests import patience

LINE = re.compile(r"^\[(\d+)\]\ttrain-mlogloss:([\d.]+)\tvalidation-mlogloss:([\d.]+)$")
MULTICLASS = {"objective": "multi:softprob", "num_class": 3, "num_round": 12}


def parts(table: str, *sizes: int) -> list[str]:
    lines, pieces = table.splitlines(keepends=True), []
    for size in sizes:
        pieces.append("".join(lines[:size]))
        lines = lines[size:]
    return pieces


def test_a_model_and_how_it_came_to_be_are_written(job, rows) -> None:
    one, two, check = parts(rows["multiclass"], 100, 200, 100)
    job.hyperparameters(**MULTICLASS).channel("train", a=one, b=two).channel("validation", c=check)
    assert job.train().returncode == 0
    assert {path.name for path in (job.base / "model").iterdir()} == {"model.ubj", "metadata.json"}
    expected = {
        "objective": "multi:softprob",
        "num_class": 3,
        "feature_count": 5,
        "training_rows": 300,
        "validation_rows": 100,
        "rounds": 12,
        "stopped": False,
    }
    assert expected.items() <= job.metadata.items()
    assert not (job.base / "output" / "failure").exists()


def test_scores_are_printed_round_by_round_in_the_form_metric_definitions_expect(job, rows) -> None:
    train, check = parts(rows["multiclass"], 300, 100)
    job.hyperparameters(**MULTICLASS).channel("train", a=train).channel("validation", b=check)
    found = [match for line in job.train().stdout.splitlines() if (match := LINE.match(line))]
    assert [int(match[1]) for match in found] == list(range(12))
    losses = [float(match[2]) for match in found]
    assert losses == sorted(losses, reverse=True)
    assert job.metadata["scores"]["train-mlogloss"] == pytest.approx(losses[-1], abs=1e-5)


def test_the_same_job_gives_the_same_bytes_and_another_seed_others(tmp_path, job, rows) -> None:
    def model(name: str, seed: int) -> bytes:
        again = type(job)(tmp_path / name)
        again.hyperparameters(**MULTICLASS, subsample=0.5, seed=seed)
        again.channel("train", a=rows["multiclass"]).train()
        return (again.base / "model" / "model.ubj").read_bytes()

    assert model("one", 3) == model("two", 3) != model("three", 4)


def test_early_stopping_keeps_the_best_round(job, rows) -> None:
    train, check = parts(rows["binary"], 300, 100)
    job.hyperparameters(
        objective="binary:logistic", num_round=400, eta=0.9, max_depth=8, early_stopping_rounds=5
    )
    job.channel("train", a=train).channel("validation", b=check)
    printed = re.findall(r"validation-logloss:([\d.]+)", job.train().stdout)
    scores = [float(score) for score in printed]
    assert len(scores) < 400
    assert job.metadata["rounds"] == scores.index(min(scores)) + 1


def test_sigterm_saves_the_model_so_far(job, rows, serve) -> None:
    job.hyperparameters(objective="binary:logistic", num_round=1_000_000, eta=0.01, max_depth=2)
    job.channel("train", a=rows["binary"])
    with job.start() as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("[20]"):
                break
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=patience.SECONDS)
    assert process.returncode == 0
    assert job.metadata["stopped"] is True
    assert 20 < job.metadata["rounds"] < 1_000_000
    with serve(job) as server:
        assert server.invoke("1,2,3,4,5").status_code == 200


def test_the_content_type_of_a_channel_may_be_said(job, rows) -> None:
    job.hyperparameters(**MULTICLASS).channel("train", a=rows["multiclass"])
    job.file("input/config/inputdataconfig.json", '{"train": {"ContentType": "text/csv; label_size=1"}}')
    assert job.train().returncode == 0


def test_what_the_sdk_and_the_tuner_add_is_ignored(job, rows) -> None:
    extra = {"sagemaker_region": '"us-east-1"', "_tuning_objective_metric": "validation:mlogloss"}
    job.hyperparameters(**MULTICLASS, **extra).channel("train", a=rows["multiclass"])
    assert job.train().returncode == 0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"num_rounds": "5"}, "hyperparameter num_rounds: unknown; did you mean num_round?"),
        ({"zzz": "5"}, "hyperparameter zzz: unknown; known are num_round, "),
        ({}, "hyperparameter num_round is required"),
        ({"num_round": "ten"}, "hyperparameter num_round: an integer is expected"),
        ({"num_round": "1.5"}, "hyperparameter num_round: an integer is expected"),
        ({"num_round": "0"}, "hyperparameter num_round: it must lie from 1"),
        ({"num_round": "2", "eta": "1.1"}, "hyperparameter eta: it must be at least 0 and at most 1"),
        (
            {"num_round": "2", "eta": "fast"},
            "hyperparameter eta: a number is expected, at least 0 and at most 1",
        ),
        ({"num_round": "2", "eta": "nan"}, "hyperparameter eta: it must be at least 0"),
        ({"num_round": "2", "subsample": "0"}, "hyperparameter subsample: it must be above 0 and at most 1"),
        ({"num_round": "2", "gamma": "inf"}, "hyperparameter gamma: it must be at least 0"),
        (
            {"num_round": "2", "objective": "multi:softprob"},
            "num_class is required by objective multi:softprob",
        ),
        ({"num_round": "2", "num_class": "3"}, "hyperparameter num_class needs objective multi:softprob"),
        (
            {"num_round": "2", "objective": "best"},
            "hyperparameter objective: it must be one of reg:squarederror",
        ),
        (
            {"num_round": "2", "eval_metric": "auc,luck"},
            "hyperparameter eval_metric: it must be a comma-separated",
        ),
        (
            {"num_round": "2", "early_stopping_rounds": "2"},
            "early_stopping_rounds needs a validation channel",
        ),
        (
            {"num_round": "x", "eta": "x"},
            "num_round: an integer is expected, from 1 to 2147483647; hyperparameter eta",
        ),
    ],
)
def test_a_wrong_hyperparameter_is_named(job, rows, values, reason) -> None:
    job.hyperparameters(**values).channel("train", a=rows["regression"])
    assert reason in job.failure()


@pytest.mark.parametrize(
    ("objective", "tables", "reason"),
    [
        (
            "regression",
            {"a": "1,2\n", "b": "1,2\n1,x\n"},
            "channel train, file b.csv, row 2, field 2: not a number",
        ),
        ("regression", {"a": "1,2\n1,2,3\n"}, "channel train, file a.csv, row 2: 3 fields found, 2 expected"),
        (
            "regression",
            {"a": "1,2\n", "b": "1,2,3\n"},
            "channel train, file b.csv, row 1: 3 fields found, 2 expected",
        ),
        ("regression", {"a": "y,x\n1,2\n"}, "file a.csv, row 1, field 1: not a number (a header line?"),
        ("regression", {"a": "1,2\n,3\n"}, "channel train, file a.csv, row 2, field 1: a label is missing"),
        (
            "regression",
            {"a": "1,2\nnan,3\n"},
            "channel train, file a.csv, row 2, field 1: a label is missing",
        ),
        ("regression", {"a": ""}, "channel train, file a.csv is empty"),
        ("regression", {"a": "1\n2\n"}, "file a.csv has one field a row"),
        ("regression", {"a": b"PK\x03\x04\xff\xfe"}, "channel train, file a.csv, row 1"),
        ("binary", {"a": "1,2\n2,3\n"}, "row 2, field 1: the label must lie from 0 to 1"),
        ("multiclass", {"a": "1,2\n3,3\n"}, "row 2, field 1: the label must be an integer from 0 to 2"),
        ("multiclass", {"a": "1,2\n0.5,3\n"}, "row 2, field 1: the label must be an integer from 0 to 2"),
        ("multiclass", {"a": "1,2\n,3\n"}, "row 2, field 1: the label must be an integer from 0 to 2"),
    ],
)
def test_a_faulty_row_is_named_with_its_file(job, objective, tables, reason) -> None:
    kinds = {
        "regression": {},
        "binary": {"objective": "binary:logistic"},
        "multiclass": {"objective": "multi:softprob", "num_class": 3},
    }
    job.hyperparameters(num_round=2, **kinds[objective]).channel("train", **tables)
    assert reason in job.failure()


def test_rows_are_counted_through_a_large_file(job) -> None:
    good = "1,2.5,3.5\n" * 900_000  # more than one block
    job.hyperparameters(num_round=1).channel("train", a=good + "1,2\n")
    assert job.failure() == "channel train, file a.csv, row 900001: 2 fields found, 3 expected"


def test_without_a_train_channel_the_reason_is_said(job) -> None:
    assert "channel train is missing" in job.hyperparameters(num_round=1).failure()


def test_an_empty_channel_is_an_error(job) -> None:
    job.hyperparameters(num_round=1).file("input/data/train/.hidden", "1,2\n")
    assert "channel train holds no file" in job.failure()


def test_another_content_type_is_refused(job) -> None:
    job.hyperparameters(num_round=1).channel("train", a="1,2\n")
    job.file("input/config/inputdataconfig.json", '{"train": {"ContentType": "text/libsvm"}}')
    assert job.failure() == "channel train has ContentType text/libsvm: this image reads text/csv"


def test_several_instances_are_refused(job) -> None:
    job.hyperparameters(num_round=1).channel("train", a="1,2\n")
    job.file("input/config/resourceconfig.json", '{"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]}')
    assert "set InstanceCount to 1" in job.failure()


@pytest.mark.parametrize("text", ["{", "[]", '{"num_round": 5}'])
def test_a_broken_hyperparameter_file_is_said(job, text) -> None:
    assert "hyperparameters.json" in job.file("input/config/hyperparameters.json", text).failure()


def test_the_failure_is_short_and_also_in_the_log(job) -> None:
    job.hyperparameters(num_round=1, **{f"unknown_{number}": 1 for number in range(90)})
    finished = job.train()
    failure = (job.base / "output" / "failure").read_text()
    assert len(failure) == 1024
    assert failure in finished.stderr
    assert "Traceback" not in finished.stderr


def test_row_values_never_reach_log_or_failure(job) -> None:
    job.hyperparameters(num_round=1).channel("train", a="1,2\n1,alice@example.org\n")
    finished = job.train()
    assert "alice" not in finished.stdout + finished.stderr + (job.base / "output" / "failure").read_text()


def test_the_programs_can_be_executed_by_name() -> None:
    folder = Path(__file__).resolve().parents[2] / "container" / "bin"
    for name in ("train", "serve"):
        assert (folder / name).stat().st_mode & 0o111 == 0o111
        assert (folder / name).read_text().startswith("#!/usr/bin/env python3\n")


def test_the_container_is_complete_in_itself(tmp_path, job, rows) -> None:
    """The image copies only container/: nothing else of the repository may be needed."""
    root = Path(__file__).resolve().parents[2]
    copy = tmp_path / "program"
    shutil.copytree(root / "container", copy / "container")
    job.hyperparameters(**MULTICLASS).channel("train", a=rows["multiclass"])
    with job.start(str(copy / "container/bin/train")) as process:
        _, errors = process.communicate(timeout=patience.SECONDS)
    assert process.returncode == 0, errors
    assert json.loads((job.base / "model" / "metadata.json").read_text())["rounds"] == 12
