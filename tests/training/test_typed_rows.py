"""Columns of words, dates and booleans and a target of words, from the drop to the channels and to the holdout."""

import csv
import io
import json
import random

import pytest

from switchyard.core.data.contract import Contract, Feature, Kind
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.policy import Problem
from switchyard.core.run import Run
from switchyard.evaluation.chunks import read_rows
from tests.fakes.stations import Stations

HEADER = "id,age,job,note,since,member,y"
JOBS, WORDS = ("admin.", "blue, collar", "retired"), ("calls", "twice", "asks", "terms", "fees", "later")
BANK = Contract(
    "y",
    (
        Feature("age"),
        Feature("job", Kind.CATEGORY),
        Feature("note", Kind.TEXT),
        Feature("since", Kind.DATE),
        Feature("member", Kind.BOOLEAN),
    ),
    Problem.BINARY,
    ("no", "yes"),
    ("id",),
)
GATE = {"evaluation": {"minimum_rows": 20}}


def table(count: int = 300, seed: int = 1) -> list[list[str]]:
    chance = random.Random(seed)  # noqa: S311
    return [
        [
            f"C{seed}-{row}",
            chance.choice(["", str(chance.randint(18, 80))]),
            chance.choice(JOBS),
            " ".join(chance.choices(WORDS, k=6)),
            f"20{chance.randint(10, 25)}-0{chance.randint(1, 9)}-{chance.randint(10, 28)}",
            chance.choice(["True", "False"]),
            chance.choice(["yes", "no"]),
        ]
        for row in range(count)
    ]


def body(rows: list[list[str]], header: str = HEADER) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header.split(","), *rows])
    return text.getvalue()


def dropped(stations: Stations, text: str, name: str = "v1.csv") -> dict[str, object]:
    stations.clock.pass_(1)
    stations.drop(f"digits/train/{name}", text)
    [upload] = [each for each in stations.uploads() if str(each["source"]).endswith(name)]
    return dict(upload)


def prepared(stations: Stations, rows: list[list[str]], name: str = "v1.csv") -> Run:
    upload = dropped(stations, body(rows), name)
    run = stations.ledger.run("digits", str(upload["run_id"]))
    stations.prepare_dataset.prepare(run)
    return run


def channel(stations: Stations, run: Run, name: str = "train") -> list[list[str]]:
    key = f"digits/prepared/{run.run_id}/{name}"
    return list(csv.reader(io.StringIO(stations.artifacts.read(key).decode())))


def promoted() -> tuple[Stations, Run]:
    stations = Stations()
    stations.has_pipeline(**GATE)
    run = prepared(stations, table())
    stations.promote(run)
    return stations, run


def test_kinds_and_classes_are_read_off_the_first_dataset_and_belong_to_the_model_once_it_is_promoted() -> (
    None
):
    stations, run = promoted()
    assert stations.artifacts.read("digits/contract.json") == BANK.to_json()
    schema = json.loads(stations.artifacts.read(f"digits/prepared/{run.run_id}/schema.json"))
    assert schema["left_out"] == {"id": "every value is another one, as of an identifier"}


def test_the_decision_record_says_what_was_left_out() -> None:
    stations = Stations()
    stations.has_pipeline(**GATE)
    run = prepared(stations, table())
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "REJECTED"))
    record = json.loads(stations.artifacts.read(f"digits/decisions/{run.run_id}.json"))
    assert list(record["data"]["left_out"]) == ["id"]
    assert not stations.artifacts.exists("digits/contract.json")


def test_channels_have_the_index_of_the_class_and_words_as_they_are() -> None:
    stations, run = promoted()
    rows = channel(stations, run, "train/part-0.csv")
    assert {row[0] for row in rows} == {"0", "1"}
    assert {row[2] for row in rows} == set(JOBS)
    assert {row[5] for row in rows} == {"0", "1"}
    held = channel(stations, run, "holdout.csv")
    assert held[0] == ["y", *BANK.names]
    assert {row[0] for row in held[1:]} == {"no", "yes"}


def test_the_holdout_is_scored_as_the_model_reads_rows() -> None:
    stations, run = promoted()
    header, *rows = channel(stations, run, "holdout.csv")
    labels, lines = read_rows(BANK, header, rows)
    assert labels == [float(row[0] == "yes") for row in rows]
    assert all(len(next(csv.reader([line]))) == 5 for line in lines)


def respelled(row: list[str]) -> list[str]:
    key, age, job, note, since, member, y = row
    return [
        key,
        age and f"{age}.0",
        f" {job}",
        note.replace(" ", "  "),
        f"{since}T00:00:00Z",
        member.lower(),
        y.upper(),
    ]


def test_rows_of_the_holdout_are_not_trained_on_in_any_spelling() -> None:
    stations, first = promoted()
    second = prepared(stations, [respelled(row) for row in table()] + table(50, seed=2), "v2.csv")
    counts = [
        json.loads(stations.artifacts.read(f"digits/prepared/{run.run_id}/schema.json"))["rows"]["held_out"]
        for run in (first, second)
    ]
    assert counts[1] >= counts[0] > 0


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        (1, "old", "v2.csv: row 4, column 'age': not a finite number: it is text"),
        (4, "29.11.2026", "v2.csv: row 4, column 'since': not a date; write 2026-11-29"),
        (5, "perhaps", "v2.csv: row 4, column 'member': not a boolean"),
        (6, "maybe", "the target has class maybe, and the model knows classes no, yes alone"),
        (6, "", "v2.csv: row 4, column 'y': the target is missing"),
    ],
)
def test_a_later_drop_is_read_by_the_model_s_kinds(place: int, value: str, says: str) -> None:
    stations, _ = promoted()
    rows = table(50, seed=3)
    rows[2][place] = value
    upload = dropped(stations, body(rows), "v2.csv")
    assert upload["state"] == "INVALID"
    assert says in str(upload["reason"])


def test_a_category_that_was_never_seen_is_data_and_a_column_that_is_left_out_may_be_gone() -> None:
    stations, _ = promoted()
    rows = table(100, seed=3)
    rows[0][2] = "astronaut"
    without_id = body([row[1:] for row in rows], HEADER.removeprefix("id,"))
    assert dropped(stations, without_id, "v2.csv")["state"] == "RUNNING"


def test_the_owner_overrules_what_is_inferred() -> None:
    stations = Stations()
    stations.has_pipeline(**GATE, columns={"id": "text", "note": "ignored"})
    run = prepared(stations, table())
    contract = stations.snapshots.contract(f"digits/prepared/{run.run_id}/schema.json")
    assert (contract.features[0], contract.ignored) == (Feature("id", Kind.TEXT), ("note",))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"jobs": "text"}, "columns.jobs: v1.csv has no such column; did you mean 'job'?"),
        ({"y": "text"}, "columns.y: it is the target"),
        ({"age": "colour"}, "columns.age"),
    ],
)
def test_columns_that_cannot_be_are_refused(columns: dict[str, str], says: str) -> None:
    stations = Stations()
    stations.has_pipeline(**GATE, columns=columns)
    upload = dropped(stations, body(table()))
    assert upload["state"] == "INVALID"
    assert says in str(upload["reason"])


def test_the_kinds_of_a_promoted_model_do_not_change() -> None:
    stations, _ = promoted()
    stations.has_pipeline(**GATE, columns={"age": "text"})
    reason = str(dropped(stations, body(table(60, seed=4)), "v2.csv")["reason"])
    assert "columns.age: text is stated, and the model's is number" in reason


def test_sagemaker_s_own_algorithm_is_refused_with_what_works() -> None:
    stations = Stations()
    stations.has_pipeline(**GATE, training={"kind": "builtin"})
    reason = str(dropped(stations, body(table()))["reason"])
    assert (
        "builtin reads numbers alone, and column 'job' and 2 more is a category; use kind: container"
        in reason
    )


def test_a_category_that_is_the_target_in_other_words_is_a_leak() -> None:
    stations = Stations()
    stations.has_pipeline(**GATE)
    rows = [[*row, "positive" if row[6] == "yes" else "negative"] for row in table()]
    reason = str(dropped(stations, body(rows, f"{HEADER},result"))["reason"])
    assert "column 'result' has one value for each value of the target" in reason


@pytest.mark.parametrize(
    ("written", "classes"), [(("1", "2"), ("1", "2")), (("B", "M"), ("B", "M")), (("-1", "1"), ("-1", "1"))]
)
def test_two_classes_of_any_name_are_a_binary_problem(
    written: tuple[str, str], classes: tuple[str, str]
) -> None:
    stations = Stations()
    stations.has_pipeline(**GATE)
    rows = [[*row[:6], written[row[6] == "yes"]] for row in table()]
    run = prepared(stations, rows)
    contract = stations.snapshots.contract(f"digits/prepared/{run.run_id}/schema.json")
    assert (contract.problem, contract.classes) == (Problem.BINARY, classes)


def test_a_holdout_with_a_class_that_the_model_does_not_know_is_told_by_its_name() -> None:
    stations = Stations()
    stations.has_pipeline(**GATE)
    stations.artifacts.write("digits/holdout/holdout.csv", body([[*table(1)[0][:6], "maybe"]]).encode())
    with pytest.raises(
        InvalidDatasetError, match="the target is 'maybe', no class of the model; correct the holdout"
    ):
        prepared(stations, table())


def test_without_its_holdout_a_model_takes_a_new_one_from_the_next_dataset_and_keeps_its_contract() -> None:
    stations, _ = promoted()
    del stations.artifacts.objects["digits/holdout/holdout.csv"]
    run = prepared(stations, table(seed=2), "v2.csv")
    own = f"digits/prepared/{run.run_id}/holdout.csv"
    assert stations.snapshots.holdout(f"digits/prepared/{run.run_id}/schema.json") == own
    assert not stations.artifacts.exists("digits/holdout/holdout.csv")
    stations.promote(run)
    assert stations.artifacts.read("digits/holdout/holdout.csv") == stations.artifacts.read(own)
    assert stations.artifacts.read("digits/contract.json") == BANK.to_json()
