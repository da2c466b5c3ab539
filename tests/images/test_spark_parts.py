"""One dataset by three ways into its parts: dropped as CSV, made by a Spark step, dropped as Spark's Parquet.

Each part (train, validation, holdout) has the same rows by their values: what engine wrote or read them does not show.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from switchyard.core.data.contract import Contract, read_contract
from switchyard.core.data.contract_rows import ContractRows, Row
from switchyard.core.run import Run
from tests.fakes.stations import Stations
from tests.images.test_spark import CODE, IMAGE
from tests.plane.images.containers import Container

pytestmark = pytest.mark.anyio

GATE = {"evaluation": {"minimum_rows": 20}, "problem": "binary"}
SPARK = {"prepare": {"kind": "spark", "entry_point": "prepare.py"}}
HEADER = ["id", "age", "income", "job", "note", "since", "seen", "member", "left"]
KINDS = ("string", "int", "double", "string", "string", "date", "timestamp", "boolean", "string")
TYPES = ", ".join(f"{name} {kind}" for name, kind in zip(HEADER, KINDS, strict=True))
ROWS = 40_000  # so many that the engine reads blocks of them
JOBS = ("admin.", "blue, collar", "Gro\u0308\u00dfe", "NA")
NOTES = ('said "twice", then left', "calls  often", "two\nlines", "Gr\u00f6\u00dfe 5 \u20ac", "")
SCRIPT = f"""
from pyspark.sql import SparkSession
spark = SparkSession.builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
reads = {{"header": True, "multiLine": True, "escape": '"', "nullValue": "NA"}}
folder = "file:///opt/ml/processing/"
texts = spark.read.options(**reads).csv(folder + "input/data")
texts.repartition(3).write.csv(folder + "output/texts", header=True, escape='"')
typed = spark.read.options(**reads).schema("{TYPES}").csv(folder + "input/data")
typed.repartition(3).write.parquet(folder + "output/typed")
"""


def table() -> list[list[str]]:
    """A column of every kind, most with values missing, and fields that the engine leaves to the rules."""
    return [
        [
            f"C{at:05}",
            str(at * 37 % 61) if at % 9 else "",
            f"{at * 53 % 9973 / 8}" if at % 11 else "NA",
            JOBS[at * 7 % 4],
            f"{NOTES[at % 5]} {at * 17 % 9973}".strip(),
            f"20{10 + at % 15}-{1 + at % 12:02}-{1 + at % 28:02}" if at % 13 else "",
            f"2026-01-{1 + at % 28:02}T{at % 24:02}:30:00Z",
            ("true", "false", "")[at % 3],
            ("no", "yes")[at * 31 % 7 < 3],
        ]
        for at in range(ROWS)
    ]


def as_csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *rows])
    return text.getvalue()


def admitted(files: dict[str, bytes], **parts: object) -> tuple[Stations, Run]:
    """files: of one folder, which is then closed."""
    stations = Stations()
    stations.has_pipeline(**{**GATE, "target": "left", **parts})
    stations.artifacts.write("digits/code/prepare.py", b"")
    for name, body in {**files, "_SUCCESS": b""}.items():
        stations.clock.pass_(1)
        stations.data.write(f"digits/train/v1/{name}", body)
    stations.admission.admit("digits/train/v1/_SUCCESS")
    [upload] = stations.uploads()
    assert upload["run_id"], upload
    return stations, stations.ledger.run("digits", str(upload["run_id"]))


def parts(stations: Stations, run: Run) -> dict[str, str]:
    """The contract, and of each part a digest over its rows by their values, in any order."""
    stations.prepare_dataset.prepare(run)
    prefix = f"digits/prepared/{run.run_id}/"
    told = stations.artifacts.read(f"{prefix}contract/contract.json")
    contract = read_contract(told)
    texts = {
        name: stations.artifacts.read(f"{prefix}{name}").decode()
        for name in ("train/part-0.csv", "validation/part-0.csv", "holdout.csv")
    }
    found = {name: digest(rows_of(contract, text, name)) for name, text in texts.items()}
    return found | {"contract": told.decode()}


def rows_of(contract: Contract, text: str, name: str) -> Iterator[bytes]:
    rows = csv.reader(io.StringIO(text))
    header = next(rows) if name == "holdout.csv" else [contract.target, *contract.names]
    reader = ContractRows(contract, header)
    for target, *features in rows:
        own = target if name == "holdout.csv" else contract.classes[int(target)]
        row = reader.read([own, *features])
        assert isinstance(row, Row), row
        yield row.identity


def digest(identities: Iterator[bytes]) -> str:
    ordered = sorted(identities)
    assert len(set(ordered)) == len(ordered) > 20
    return hashlib.sha256(b"".join(ordered)).hexdigest()


async def test_a_dataset_with_every_kind_of_column_has_the_same_parts(
    container: Callable[[str], Container],
) -> None:
    body = as_csv(table())
    expected = parts(*admitted({"part-0.csv": body.encode()}))
    kinds = {each["kind"] for each in json.loads(expected["contract"])["features"]}
    assert kinds == {"number", "category", "text", "date", "boolean"}

    job = container(IMAGE)
    job.file("processing/input/data/part-0.csv", body).file("processing/input/code/prepare.py", SCRIPT)
    assert await job.run("smspark-submit", f"{CODE}/prepare.py") == 0, job.output
    output = job.opt_ml / "processing/output"

    stations, run = admitted({"log.jsonl": b"{}\n"}, **SPARK)
    for name, written in files_in(output / "texts").items():
        stations.artifacts.write(f"digits/prepared/{run.run_id}/clean/{name}", written)
    assert parts(stations, run) == expected

    assert parts(*admitted(files_in(output / "typed"))) == expected


def files_in(folder: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in sorted(folder.glob("part-*"))}
    assert len(found) == 3
    return found
