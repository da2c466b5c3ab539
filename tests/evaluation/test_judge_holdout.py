"""The holdout through both models, chunk by chunk, and the verdict on what the chunks leave behind."""

import codecs
import csv
import io
import json
from typing import Any

import pytest

from switchyard.core.errors import InvalidDatasetError, JobFailedError
from switchyard.core.run import Run
from switchyard.evaluation.chunks import all_chunks
from switchyard.evaluation.judge_holdout import JudgeHoldout
from switchyard.evaluation.out_of_fold import OutOfFold
from switchyard.evaluation.score_chunk import ScoreChunk
from switchyard.evaluation.transform_holdout import TransformHoldout
from tests.fakes.flow import FakeScorer
from tests.fakes.stations import PREFIX, Stations

HEADER = "a,b,y\n"
GATE = {"metrics": {"accuracy": {"margin": 0.05, "floor": 0.5}}, "minimum_rows": 10}


class Room:
    """A run with a frozen holdout: b is right for both models, but for the challenger not where a is `ruined`."""

    def __init__(self, rows: int = 1200, ruined: str = "", words: bool = False, **evaluation: Any) -> None:
        self.stations, self.ruined = Stations(), ruined
        names = ("leaves", "stays") if words else ("0", "1")
        self.stations.has_pipeline(evaluation={**GATE, **evaluation})
        self.stations.artifacts.write("digits/code/loss.py", b"print()")
        lines = (f"{('7', '8', '9')[n % 3]},{n % 2},{names[n % 2]}\n" for n in range(rows))
        self.stations.artifacts.write("digits/holdout/holdout.csv", (HEADER + "".join(lines)).encode())
        self.champion = self.stations.champion().run_id
        self.stations.drop(
            "digits/train/v1.csv", HEADER + "".join(f"{n},0.5,{names[n % 2]}\n" for n in range(40))
        )
        [line] = self.stations.ledger.runs("digits")
        self.run: Run = self.stations.ledger.run("digits", str(line["run_id"]))
        self.prepared = self.stations.prepare_dataset.prepare(self.run)
        self.stations.artifacts.write(
            "schema.json", json.dumps({"features": ["b", "a"], "target": "y"}).encode()
        )
        self.alpha: dict[str, Any] = {"via": "alpha", "endpoint": "alpha", "artifact_sha256": "ab"}
        self.alpha |= {"champion": self.champion, "champion_schema": "schema.json"}

    def predict(self, variant: str, line: str) -> tuple[float, ...]:
        a, b = line.split(",") if variant != self.champion else reversed(line.split(","))
        wrong = variant != self.champion and a == self.ruined
        return (0.9 if (b == "1") != wrong else 0.1,)

    def verdict(self) -> dict[str, str]:
        snapshots, artifacts = self.stations.snapshots, self.stations.artifacts
        scoring, schema = ScoreChunk(artifacts, snapshots, FakeScorer(self.predict)), self.prepared["schema"]
        chunks = self.prepared["chunks"]
        for chunk in all_chunks(artifacts, chunks):
            scoring.score(self.run, schema, self.alpha, chunk)
        return JudgeHoldout(artifacts, snapshots).judge(self.run, self.alpha, chunks)

    def figures(self, verdict: dict[str, str]) -> list[dict[str, Any]]:
        figures: list[dict[str, Any]] = json.loads(self.stations.artifacts.read(verdict["evaluation"]))[
            "gate"
        ]["figures"]
        return figures


def test_both_models_are_compared_on_all_rows_of_all_chunks() -> None:
    room = Room()
    verdict = room.verdict()
    assert len(room.prepared["chunks"]["items"]) > 1
    assert verdict["verdict"] == "pass"
    assert [(f["metric"], f["rows"], f["harm"]) for f in room.figures(verdict)] == [("accuracy", 1200, 0.0)]


def test_declared_slices_are_judged_apart_and_one_can_stop_a_model() -> None:
    assert Room(rows=1200, slices=["a"]).verdict()["verdict"] == "pass"
    room = Room(
        rows=1200,
        ruined="8",
        slices=["a"],
        metrics={"accuracy": {"margin": 0.5, "floor": 0.1}},
        slice_margin=1,
    )
    verdict = room.verdict()
    assert verdict["verdict"] == "fail"
    assert "accuracy in a=8: worse by 1" in verdict["reason"]
    rows = {figure["slice"]: figure["rows"] for figure in room.figures(verdict)}
    assert rows == {"": 1200, "a=7": 400, "a=8": 400, "a=9": 400}


F1_OF_LEAVES = {"f1": {"margin": 0.05, "class": "leaves"}}
COST = {"leaves": {"stays": 20}, "stays": {"leaves": 1}}


def test_a_run_is_judged_by_the_f1_of_a_class_as_people_write_it() -> None:
    assert Room(words=True, metrics=F1_OF_LEAVES).verdict()["verdict"] == "pass"
    room = Room(words=True, ruined="8", metrics=F1_OF_LEAVES, slices=["a"])
    verdict = room.verdict()
    assert verdict["verdict"] == "fail"
    assert verdict["reason"].startswith("f1 of leaves: worse by 0.333")
    assert "; f1 of leaves in a=8: worse by 1 (" in verdict["reason"]
    assert {(figure["metric"], figure["title"]) for figure in room.figures(verdict)} == {
        ("f1", "f1 of leaves")
    }


def test_a_run_is_judged_by_what_its_mistakes_cost() -> None:
    same = Room(words=True, metrics={"cost": {"margin": 0.1}}, cost=COST)
    assert (
        same.verdict()["verdict"] == "not_enough_data"
    )  # the champion makes no mistake: no share of 0 is a margin
    verdict = Room(words=True, ruined="8", metrics={"cost": {"margin": 0.1, "floor": 9}}, cost=COST).verdict()
    assert verdict["verdict"] == "fail"
    assert verdict["reason"].startswith("cost: worse by 3.5 (")


def test_a_class_that_the_dataset_has_not_is_refused_at_the_door() -> None:
    stations = Stations()
    stations.has_pipeline(evaluation={"metrics": {"f1": {"margin": 0.05, "class": 2}}})
    stations.drop("digits/train/v1.csv")
    [upload] = stations.uploads()
    assert (upload["state"], upload["reason"]) == (
        "INVALID",
        "digits/pipeline.yaml: evaluation.metrics.f1.class: '2' is no class of the model, which has classes 0, 1",
    )


def test_a_slice_by_a_column_that_the_holdout_lacks_is_refused_with_its_name() -> None:
    with pytest.raises(
        InvalidDatasetError, match=r"evaluation.slices: .* has no column 'age'; its columns .* a, b, y"
    ):
        Room(slices=["age"])


def transform_holdout(room: Room) -> TransformHoldout:
    stations = room.stations
    return TransformHoldout(
        PREFIX,
        stations.ledger,
        stations.artifacts,
        stations.control,
        stations.snapshots,
        stations.waiting,
        OutOfFold(stations.artifacts),
    )


def through_transform(room: Room, tail: str = "") -> dict[str, str]:
    """As the machine does it, with jobs that answer as the models do."""
    stations, use = room.stations, transform_holdout(room)
    stations.artifacts.write("digits/models/m.tar.gz", b"model")
    room.alpha = use.prepare(room.run, room.prepared, stations.artifacts.uri("digits/models/m.tar.gz"))

    def answer(model: str, source: str, output: str) -> None:
        for item in stations.artifacts.list(stations.artifacts.key_of(source)):
            lines = stations.artifacts.read(item.key).decode().splitlines()
            body = "".join(f"{room.predict(model.removeprefix('switchyard-'), line)[0]}\n" for line in lines)
            name = item.key.rsplit("/", 1)[-1]
            stations.artifacts.write(f"{stations.artifacts.key_of(output)}{name}.out", (body + tail).encode())

    stations.control.transformed = answer
    for number, job in enumerate(room.alpha["jobs"]):
        use.start(room.run, job, f"t{number}")
        stations.control.settle()
        assert stations.waiting.resource_changed(f"transform-job/{job['job']}") == 1
    return room.verdict()


@pytest.mark.parametrize("how", ["inline", "distributed"])
def test_transform_jobs_and_an_endpoint_come_to_the_same_verdict(how: str) -> None:
    by_endpoint, by_transform = Room(ruined="8", slices=["a"]), Room(ruined="8", slices=["a"], map=how)
    expected, found = by_endpoint.verdict(), through_transform(by_transform)
    assert (found["verdict"], found["reason"]) == (expected["verdict"], expected["reason"])
    assert by_transform.figures(found) == by_endpoint.figures(expected)
    assert by_transform.stations.control.list_endpoints("switchyard-digits-") == []
    jobs = by_transform.stations.control.transforms
    assert [job["ModelName"] for job in jobs.values()] == [
        f"switchyard-{by_transform.run.run_id}",
        f"switchyard-{by_transform.champion}",
    ]


def test_each_model_reads_the_columns_in_its_own_order_and_models_alike_share_the_files() -> None:
    room = Room()
    through_transform(room)
    new, old = (job["input"] for job in room.alpha["jobs"])
    first = [
        room.stations.artifacts.read(f"{prefix}chunk-0.csv").decode().splitlines()[1] for prefix in (new, old)
    ]
    assert first == ["8,1", "1,8"]
    alike = Room()
    same = json.dumps({"features": ["a", "b"], "target": "y"}).encode()
    alike.stations.artifacts.write("schema.json", same)
    alike.stations.artifacts.write("digits/models/m.tar.gz", b"model")
    judged = transform_holdout(alike).prepare(
        alike.run, alike.prepared, "s3://artifacts/digits/models/m.tar.gz"
    )
    assert len({job["input"] for job in judged["jobs"]}) == 1


def test_predictions_that_are_not_one_a_row_are_no_evidence() -> None:
    with pytest.raises(JobFailedError, match="answered 251 predictions for 250 rows"):
        through_transform(Room(), tail="0.5\n")


def test_a_holdout_that_changes_nothing_is_read_from_where_each_chunk_begins() -> None:
    """Also with a byte order mark, quoted line breaks, empty lines and signs of several bytes."""
    stations = Stations()
    rows = [["a", "b", "y"], *([f"\u00e4{n}", "x\ny" if n % 3 else "z", str(n % 2)] for n in range(700))]
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    body = codecs.BOM_UTF8 + text.getvalue().replace("1\r\n", "1\r\n\r\n").encode()
    stations.artifacts.write("h.csv", body)
    held = list(stations.snapshots.located_rows("h.csv"))
    assert [fields for _, fields in held] == rows
    for at in (0, 249, 250, 699):
        assert next(stations.snapshots.rows("h.csv", held[at][0])) == rows[at + 1]
