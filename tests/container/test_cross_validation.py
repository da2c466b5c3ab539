"""Out-of-fold predictions: what `train` leaves where rows are too few for a holdout."""

import json

import pytest

from tests.container.conftest import OBJECTIVES, Job
from tests.container.typed_rows import contract, drawn, line

PLAN = {"folds": 5, "repeats": 2, "champion": None}
CHAMPION = {"objective": "binary:logistic", "num_round": "5"}


def asked(job: Job, table: str, problem: str = "binary", **plan: object) -> Job:
    job.hyperparameters(num_round=10, max_depth=3, **OBJECTIVES[problem]).channel("train", rows=table)
    return job.file("input/data/cross_validation/plan.json", json.dumps(PLAN | plan))


def out_of_fold(job: Job) -> dict:
    finished = job.train()
    assert finished.returncode == 0, finished.stderr
    return json.loads((job.base / "output" / "data" / "out-of-fold.json").read_text())


def labels(table: str) -> list[float]:
    return [float(row.partition(",")[0]) for row in table.splitlines()]


@pytest.mark.parametrize("problem", OBJECTIVES)
def test_every_row_is_predicted_once_a_repeat(job, rows, problem) -> None:
    found = out_of_fold(asked(job, rows[problem], problem))
    assert found["rows"] == 400
    assert found["champion"] is None
    assert [len(said) for said in found["challenger"]] == [400, 400]
    one, two = found["challenger"]
    assert one != two
    assert {isinstance(each, list) for each in one} == {problem == "multiclass"}


def test_the_model_is_that_of_all_rows_as_without_cross_validation(tmp_path, job, rows) -> None:
    asked(job, rows["binary"]).train()
    plain = Job(tmp_path / "plain")
    plain.hyperparameters(num_round=10, max_depth=3, **OBJECTIVES["binary"]).channel(
        "train", rows=rows["binary"]
    )
    plain.train()
    model = "model/model.ubj"
    assert (job.base / model).read_bytes() == (plain.base / model).read_bytes()
    assert not (plain.base / "output" / "data").exists()


def test_a_row_is_predicted_by_models_that_have_not_seen_it(job) -> None:
    """Labels are noise: whoever has not seen a row is right half the time, whoever has knows it by heart."""
    table = "".join(f"{(row * 7919 // 13) % 2},{row},{row * 37 % 101}\n" for row in range(300))
    found = out_of_fold(asked(job, table))["challenger"][0]
    right = sum((said >= 0.5) == (label == 1) for said, label in zip(found, labels(table), strict=True))
    assert right < 200


def test_equal_rows_lie_in_one_fold(job) -> None:
    """Each row thrice, with labels of chance: no copy may teach what another is asked."""
    table = "".join(f"{(row * 7919 // 13) % 2},{row},{row * 37 % 101}\n" for row in range(100)) * 3
    found = out_of_fold(asked(job, table))["challenger"][0]
    right = sum((said >= 0.5) == (label == 1) for said, label in zip(found, labels(table), strict=True))
    assert right < 200
    assert found[:100] == found[100:200] == found[200:]


def test_the_champion_is_trained_on_its_own_rows_without_those_of_the_fold(job, rows) -> None:
    """With the same settings and the same rows both procedures are one, and say the same of every row."""
    asked(job, rows["binary"], champion=CHAMPION | {"num_round": "10", "max_depth": "3"})
    job.file("input/data/cross_validation/champion-train.csv", rows["binary"])
    found = out_of_fold(job)
    assert found["champion"] == found["challenger"]


def test_a_champion_with_other_rows_and_settings_says_something_else_of_the_same_rows(job, rows) -> None:
    lines = rows["binary"].splitlines(keepends=True)
    asked(job, rows["binary"], champion=CHAMPION)
    job.file("input/data/cross_validation/champion-train.csv", "".join(lines[:200]))
    job.file("input/data/cross_validation/champion-validation.csv", "".join(lines[200:220]))
    found = out_of_fold(job)
    assert [len(said) for said in found["champion"]] == [400, 400]
    assert found["champion"] != found["challenger"]


def test_validation_rows_are_judged_too_and_stop_the_models_of_a_fold(job, rows) -> None:
    lines = rows["binary"].splitlines(keepends=True)
    asked(job, "".join(lines[:300]))
    job.hyperparameters(num_round=200, early_stopping_rounds=2, **OBJECTIVES["binary"])
    job.channel("validation", rows="".join(lines[300:]))
    assert [len(said) for said in out_of_fold(job)["challenger"]] == [400, 400]


def test_typed_rows_of_the_champion_are_read_by_the_code_books_of_the_job(job) -> None:
    table = "".join(line(row) for row in drawn(200))
    job.file("input/data/contract/contract.json", contract())
    asked(job, table, champion=CHAMPION)
    job.file("input/data/cross_validation/champion-train.csv", table)
    assert len(out_of_fold(job)["champion"][0]) == 200


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"folds": 1}, "1 folds"),
        ({"folds": None}, "plan.json cannot be read"),
        ({"champion": CHAMPION}, "has a champion and no champion-train.csv"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused_before_training(job, rows, plan, said) -> None:
    assert said in asked(job, rows["binary"], **plan).failure()
