"""Channels in other forms than CSV: typed columns with their names, and the same values."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from switchyard.core.data.contract import Contract, Feature, Kind
from switchyard.core.data.csv_line import csv_line
from switchyard.core.policy import Problem
from switchyard.engine.table_files import EngineForms
from switchyard.training.channels import typed_columns
from tests.fakes.stations import Stations

CONTRACT = Contract(
    "left, or not",
    (
        Feature("größe", Kind.NUMBER),
        Feature('a "quoted" one', Kind.CATEGORY),
        Feature("note", Kind.TEXT),
        Feature("since", Kind.DATE),
        Feature("member", Kind.BOOLEAN),
    ),
    Problem.BINARY,
    ("no", "yes"),
)
LINES = [
    ["1", "+1.5e2", "red, or blue", 'he said "x"', "2026-11-29", "1"],
    ["0", ".5", "", "", "2026-11-29T06:00:00Z", "0"],
    ["1", "", "Straße", "5", "", ""],
]
VALUES = [
    [1.0, 150.0, "red, or blue", 'he said "x"', "2026-11-29 00:00:00", True],
    [0.0, 0.5, None, None, "2026-11-29 06:00:00", False],
    [1.0, None, "Straße", "5", None, None],
]


def written(folder: Path, form: str) -> Path:
    source, target = folder / "it's-0.csv", folder / f"it's-0.{form}"
    source.write_text("".join(map(csv_line, LINES)))
    EngineForms().write_typed(str(source), str(target), typed_columns(CONTRACT), form)
    return target


def test_parquet_has_typed_columns(tmp_path: Path) -> None:
    found = duckdb.read_parquet(str(written(tmp_path, "parquet")))
    assert found.columns == list(CONTRACT.columns)
    assert [str(kind) for kind in found.types] == [
        "DOUBLE",
        "DOUBLE",
        "VARCHAR",
        "VARCHAR",
        "TIMESTAMP",
        "BOOLEAN",
    ]
    rows = [[*row[:4], str(row[4]) if row[4] else None, row[5]] for row in found.fetchall()]
    assert rows == VALUES


def test_json_lines_have_an_object_a_row(tmp_path: Path) -> None:
    objects = [json.loads(line) for line in written(tmp_path, "jsonl").read_text().splitlines()]
    assert [list(each.values()) for each in objects] == VALUES
    assert list(objects[0]) == list(CONTRACT.columns)


SCRIPT = {"kind": "script", "framework": "pytorch", "entry_point": "train.py"}


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl"])
def test_a_run_writes_its_channels_so_and_its_holdout_as_csv(form: str, tmp_path: Path) -> None:
    stations = Stations()
    stations.artifacts.write("digits/code/train.py", b"")
    stations.has_pipeline(training=SCRIPT | {"format": form})
    stations.drop("digits/train/v1.csv", "a,b,y\n" + "".join(f"{n},w{n % 3},{n % 2}\n" for n in range(100)))
    [item] = stations.ledger.runs("digits")
    run = stations.ledger.run("digits", str(item["run_id"]))
    stations.prepare_dataset.prepare(run)
    prefix = f"digits/prepared/{run.run_id}/"
    assert stations.artifacts.exists(f"{prefix}train/part-0.{form}")
    assert stations.artifacts.read(f"{prefix}holdout.csv").startswith(b"y,a,b\n")
    if form == "parquet":
        copy = tmp_path / "part.parquet"
        copy.write_bytes(stations.artifacts.read(f"{prefix}train/part-0.parquet"))
        assert duckdb.read_parquet(str(copy)).columns == ["y", "a", "b"]


@pytest.mark.parametrize(
    ("training", "says"),
    [
        (
            {"format": "parquet"},
            "training.format: the default image reads csv, found parquet; leave it out, or train by",
        ),
        (
            {"kind": "builtin", "format": "jsonl"},
            "training.format: SageMaker's XGBoost reads csv, found jsonl",
        ),
        (SCRIPT | {"format": "feather"}, "training.format: Input should be 'csv', 'parquet' or 'jsonl'"),
    ],
)
def test_what_the_image_does_not_read_is_refused(training: dict[str, str], says: str) -> None:
    stations = Stations()
    stations.has_pipeline(training=training)
    stations.drop("digits/train/v1.csv")
    [upload] = stations.uploads()
    assert says in str(upload["reason"])
