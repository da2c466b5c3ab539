"""The holdout through both models, chunk by chunk, and the verdict on what the chunks leave behind."""

import json
from typing import Any

import pytest

from switchyard.domain.errors import InvalidDatasetError
from switchyard.domain.run import Run
from switchyard.usecases.evaluation import Judging, Scoring
from tests.fakes.flow import FakeScorer
from tests.fakes.rooms import Rooms

HEADER = "a,b,y\n"
GATE = {"metrics": {"accuracy": {"margin": 0.05, "floor": 0.5}}, "minimum_rows": 10}


class Room:
    """A run with a frozen holdout: b is right for both models, but for the challenger not where a is `ruined`."""

    def __init__(self, rows: int = 1200, ruined: str = "", **evaluation: Any) -> None:
        self.rooms, self.ruined = Rooms(), ruined
        self.rooms.has_pipeline(evaluation={**GATE, **evaluation})
        lines = (f"{('7', '8', '9')[n % 3]},{n % 2},{n % 2}\n" for n in range(rows))
        self.rooms.artifacts.write("digits/holdout/holdout.csv", (HEADER + "".join(lines)).encode())
        self.champion = self.rooms.champion().run_id
        self.run: Run = self.rooms.a_run()
        self.prepared = self.rooms.preparation.prepare(self.run)
        self.rooms.artifacts.write(
            "schema.json", json.dumps({"features": ["b", "a"], "target": "y"}).encode()
        )
        self.alpha = {"endpoint": "alpha", "champion": self.champion, "champion_schema": "schema.json"}
        self.alpha["artifact_sha256"] = "ab"

    def predict(self, variant: str, line: str) -> tuple[float, ...]:
        a, b = line.split(",") if variant != self.champion else reversed(line.split(","))
        wrong = variant != self.champion and a == self.ruined
        return (0.9 if (b == "1") != wrong else 0.1,)

    def verdict(self) -> dict[str, str]:
        frozen, artifacts = self.rooms.frozen, self.rooms.artifacts
        scoring, schema = Scoring(artifacts, frozen, FakeScorer(self.predict)), self.prepared["schema"]
        chunks = [
            scoring.score(self.run, schema, self.alpha, chunk["first"], chunk["last"])
            for chunk in self.prepared["chunks"]
        ]
        return Judging(artifacts, frozen).judge(self.run, self.alpha, chunks)

    def figures(self, verdict: dict[str, str]) -> list[dict[str, Any]]:
        figures: list[dict[str, Any]] = json.loads(self.rooms.artifacts.read(verdict["evaluation"]))["gate"][
            "figures"
        ]
        return figures


def test_both_models_are_compared_on_all_rows_of_all_chunks() -> None:
    room = Room()
    verdict = room.verdict()
    assert len(room.prepared["chunks"]) > 1
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


def test_a_slice_by_a_column_that_the_holdout_lacks_is_refused_with_its_name() -> None:
    with pytest.raises(
        InvalidDatasetError, match=r"evaluation.slices: .* has no column 'age'; its columns .* a, b, y"
    ):
        Room(slices=["age"])
