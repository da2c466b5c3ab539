"""Rows that do not count alike: looked at by the door, behind the label in channels, no feature, and in the gate."""

import json
from typing import Any

import pytest

from switchyard.core.run import Run
from switchyard.evaluation.judge_holdout import JudgeHoldout
from switchyard.evaluation.score_chunk import ScoreChunk
from tests.fakes.flow import FakeScorer
from tests.fakes.stations import Stations
from tests.training.test_prepare_dataset import rows

GATE = {"metrics": {"accuracy": {"margin": 0.05, "floor": 0.5}}, "minimum_rows": 2}
HEAD = "a,w,b,y\n"


@pytest.fixture
def weighed(stations: Stations) -> Stations:
    stations.has_pipeline(columns={"w": "weight"}, evaluation=GATE)
    return stations


def table(count: int = 200, weight: str = "") -> str:
    return HEAD + "".join(f"{n}.5,{weight or n % 3},{n * 2},{n % 2}\n" for n in range(count))


def prepared(stations: Stations, body: str) -> tuple[Run, dict[str, Any]]:
    stations.drop("digits/train/v1.csv", body)
    [upload] = stations.uploads()
    assert upload["state"] == "RUNNING", upload["reason"]
    run = stations.ledger.run("digits", str(upload["run_id"]))
    return run, stations.prepare_dataset.prepare(run)


def test_the_weight_follows_the_label_and_is_no_feature(weighed: Stations) -> None:
    run, made = prepared(weighed, table())
    contract = weighed.snapshots.contract(made["schema"])
    assert (contract.names, contract.weight) == (("a", "b"), "w")
    train = rows(weighed, f"digits/prepared/{run.run_id}/train/part-0.csv")
    assert all(
        weight == str(int(float(a)) % 3) and float(b) == 2 * int(float(a)) for _, weight, a, b in train
    )
    own = rows(weighed, f"digits/prepared/{run.run_id}/holdout.csv")
    assert own[0] == ("y", "w", "a", "b")
    assert len(own) == 41
    told = json.loads(weighed.artifacts.read(f"digits/prepared/{run.run_id}/contract/contract.json"))
    assert told["weight"] == "w"


def test_a_row_is_the_same_row_whatever_it_counts(weighed: Stations) -> None:
    run, _ = prepared(weighed, table())
    weighed.snapshots.adopt(run)
    own = {row[2:] for row in rows(weighed, "digits/holdout/holdout.csv")[1:]}
    weighed.drop("digits/train/v2.csv", table(300, weight="7"))
    [upload] = [each for each in weighed.uploads() if str(each["source"]).endswith("v2.csv")]
    second = weighed.ledger.run("digits", str(upload["run_id"]))
    weighed.prepare_dataset.prepare(second)
    train = {row[2:] for row in rows(weighed, f"digits/prepared/{second.run_id}/train/part-0.csv")}
    assert train
    assert train.isdisjoint(own)


def test_a_word_that_is_a_number_is_written_as_one(weighed: Stations) -> None:
    run, _ = prepared(weighed, table().replace(",1,", ",yes,"))
    train = rows(weighed, f"digits/prepared/{run.run_id}/train/part-0.csv")
    assert {weight for _, weight, *_ in train} == {"0", "1", "2"}


def test_weights_that_are_all_nothing_are_refused(weighed: Stations) -> None:
    weighed.drop("digits/train/v1.csv", table(weight="0"))
    [upload] = weighed.uploads()
    assert str(upload["reason"]) == (
        "v1.csv: column 'w': every weight is 0, so that no row counts; write 1 for a row that counts once"
    )


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        ("-1", "row 5, column 'w': not a weight; write a finite number, 0 or more"),
        ("inf", "row 5, column 'w': not a weight"),
        ("1e39", "row 5, column 'w': not a weight"),
        ("much", "row 5, column 'w': not a weight"),
        ("", "row 5, column 'w': the weight is missing; write 1 for a row that counts once"),
        ("NA", "row 5, column 'w': the weight is missing"),
    ],
)
def test_what_is_no_weight_is_refused_with_its_row(weighed: Stations, weight: str, said: str) -> None:
    lines = table(2000).splitlines(keepends=True)
    lines[4] = f"3.5,{weight},6,1\n"
    weighed.drop("digits/train/v1.csv", "".join(lines))
    [upload] = weighed.uploads()
    assert (upload["state"], said in str(upload["reason"])) == ("INVALID", True), upload["reason"]


def test_a_bad_weight_is_found_behind_the_rows_that_are_held(weighed: Stations) -> None:
    weighed.drop("digits/train/v1.csv", table(12_000) + "1.5,-1,2,0\n")
    [upload] = weighed.uploads()
    assert "row 12002, column 'w': not a weight" in str(upload["reason"])


def test_a_later_dataset_without_the_weight_is_refused(weighed: Stations) -> None:
    run, _ = prepared(weighed, table())
    weighed.snapshots.adopt(run)
    weighed.drop("digits/train/v2.csv", table(300).replace("a,w,b,y", "a,v,b,y"))
    [upload] = [each for each in weighed.uploads() if str(each["source"]).endswith("v2.csv")]
    assert "column 'w' is missing" in str(upload["reason"])


def test_a_weight_that_is_not_there_is_refused(stations: Stations) -> None:
    stations.has_pipeline(columns={"wheight": "weight"}, evaluation=GATE)
    stations.drop("digits/train/v1.csv", table())
    [upload] = stations.uploads()
    assert "columns.wheight" in str(upload["reason"])


def accuracy(stations: Stations, run: Run, made: dict[str, Any]) -> float:
    """Of a model that says 1 of every row."""
    alpha = {"via": "alpha", "endpoint": "a", "champion": "", "champion_schema": "", "artifact_sha256": "ab"}
    asked: list[str] = []

    def give(_variant: str, line: str) -> tuple[float, ...]:
        asked.append(line)
        return (0.9,)

    for chunk in made["chunks"]["items"]:
        ScoreChunk(stations.artifacts, stations.snapshots, FakeScorer(give)).score(
            run, made["schema"], alpha, chunk
        )
    assert all(line.count(",") == 1 for line in asked)
    verdict = JudgeHoldout(stations.artifacts, stations.snapshots).judge(run, alpha, made["chunks"])
    [figure] = json.loads(stations.artifacts.read(verdict["evaluation"]))["gate"]["figures"]
    return float(figure["challenger"])


def test_the_gate_counts_rows_by_their_weight_and_models_are_not_asked_with_it(weighed: Stations) -> None:
    body = HEAD + "".join(f"{n}.5,{3 if n % 2 else 1},{n * 2},{n % 2}\n" for n in range(400))
    assert accuracy(weighed, *prepared(weighed, body)) == pytest.approx(0.75)


def test_where_all_weights_are_alike_they_change_nothing(weighed: Stations) -> None:
    assert accuracy(weighed, *prepared(weighed, table(400, weight="7"))) == pytest.approx(0.5)
