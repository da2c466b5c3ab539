"""One table in every form that people have is one table: the same rows, by the identity that a holdout is kept by."""

import csv
import gzip
import hashlib
import io
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switchyard.core.batch_drop import Batch
from switchyard.core.data.identity import row_identity
from switchyard.core.data.numbers import read_numbers
from switchyard.engine.table_files import EngineForms
from switchyard.engine.zstd_frame import zstd
from switchyard.intake.kept_forms import ROOM, KeptForms
from switchyard.intake.reading import Reading
from tests.engine.tables import parquet
from tests.fakes.stations import Stations

COLUMNS = ("Größe", "count", "member", "y")
Row = tuple[float | None, int | None, bool | None, int]
NUMBERS = st.floats(-1e9, 1e9) | st.sampled_from([0.0, -0.0, 37.0, 0.1, 1e-7])
ROWS = st.lists(
    st.tuples(
        st.none() | NUMBERS,
        st.none() | st.integers(-(2**31), 2**31),
        st.none() | st.booleans(),
        st.integers(0, 1),
    ),
    min_size=1,
    max_size=20,
)


def text(value: Any) -> str:
    return "" if value is None else str(value)


def as_csv(rows: list[Row], separator: str = ",", mark: str = ".") -> str:
    body = io.StringIO()
    writer = csv.writer(body, delimiter=separator, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        [text(a if a is None else f"{a:.9f}").replace(".", mark), text(b), text(c), text(y)]
        for a, b, c, y in rows
    )
    return body.getvalue()


def as_json_lines(rows: list[Row], leave_out: bool) -> bytes:
    objects = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    if leave_out:
        objects[1:] = [
            {key: value for key, value in each.items() if value is not None} for each in objects[1:]
        ]
    return "".join(json.dumps(each) + "\n" for each in objects).encode()


def as_parquet(rows: list[Row], path: Path, types: tuple[str, str]) -> bytes:
    kinds = (*types, "BOOLEAN", "BIGINT")
    lines = ", ".join(
        "("
        + ", ".join(f"{'NULL' if v is None else repr(v)}::{k}" for v, k in zip(row, kinds, strict=True))
        + ")"
        for row in rows
    )
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    return parquet(path, f"SELECT * FROM (VALUES {lines}) AS t({names})")  # noqa: S608


def values(name: str, *files: bytes) -> str:
    """A digest of the rows of all files, whatever they are written as."""
    rows, known = hashlib.sha256(), []
    for body in files:
        reading = Reading(name, iter([body]), EngineForms(), known=known)
        header, *fields = csv.reader(reading.lines())
        known = header
        assert tuple(header) == COLUMNS
        for row in fields:
            numbers = read_numbers(row)
            assert not isinstance(numbers, int), row
            rows.update(row_identity(numbers))
    return rows.hexdigest()


@given(ROWS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_table_in_every_form_has_the_same_rows(tmp_path: Path, rows: list[Row]) -> None:
    rows = [(a if a is None else float(f"{a:.9f}"), b, c, y) for a, b, c, y in rows]
    plain = as_csv(rows)
    expected = values("w.csv", plain.encode())
    halves = [each for each in (rows[: len(rows) // 2], rows[len(rows) // 2 :]) if each]
    path = tmp_path / "w.parquet"
    parts = [as_parquet(each, path, ("DOUBLE", "BIGINT")) for each in halves]
    found = {
        "an Excel export": values("w.csv", as_csv(rows, ";", ",").encode("latin-1")),
        "gzip": values("w.csv.gz", gzip.compress(plain.encode(), mtime=0)),
        "zstd": values("w.csv.zst", zstd.compress(plain.encode())),
        "a folder of Parquet": values("part-0.parquet", *parts),
        "Parquet of other types": values("w.parquet", as_parquet(rows, path, ("DOUBLE", "DECIMAL(18,2)"))),
        "JSON Lines": values("w.jsonl", as_json_lines(rows, leave_out=False)),
        "JSON Lines that leave out": values(
            "w.ndjson.gz", gzip.compress(as_json_lines(rows, leave_out=True))
        ),
        "JSON Lines in parts": values(
            "part-0.json.zst", *(zstd.compress(as_json_lines(each, leave_out=True)) for each in halves)
        ),
    }
    assert found == dict.fromkeys(found, expected)


TABLE: list[Row] = [(n * 37 % 101 / 8, None if n % 7 == 0 else n * 3, n % 3 == 0, n % 2) for n in range(60)]


def files(tmp_path: Path) -> dict[str, dict[str, bytes]]:
    """Drops of one table, by the names of their files."""
    path, kinds = tmp_path / "w.parquet", ("DOUBLE", "BIGINT")
    first, second = as_parquet(TABLE[:25], path, kinds), as_parquet(TABLE[25:], path, kinds)
    return {
        "w.csv.zst": {"": zstd.compress(as_csv(TABLE).encode())},
        "w.parquet": {"": as_parquet(TABLE, path, kinds)},
        "w.jsonl": {"": as_json_lines(TABLE, leave_out=True)},
        "w.ndjson.gz": {"": gzip.compress(as_json_lines(TABLE, leave_out=True))},
        "spark/": {
            "part-00000-1f.snappy.parquet": first,
            ".part-00000-1f.snappy.parquet.crc": b"crc\0",
            "part-00001-1f.snappy.parquet": second,
            "_SUCCESS": b"",
        },
        "spark-json/": {
            "part-00000-1f.json": as_json_lines(TABLE[:25], leave_out=True),
            "part-00001-1f.json": as_json_lines(TABLE[25:], leave_out=True),
            "_SUCCESS": b"",
        },
    }


FORMS = ("w.csv.zst", "w.parquet", "w.jsonl", "w.ndjson.gz", "spark/", "spark-json/")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_admitted_and_prepared_into_the_same_channels(tmp_path: Path, form: str) -> None:
    def channels(name: str, parts: dict[str, bytes]) -> dict[str, list[list[float]]]:
        stations = Stations()
        stations.has_pipeline()
        for part, body in parts.items():
            stations.clock.pass_(1)
            stations.data.write(f"digits/train/{name}{part}", body)
            stations.admission.admit(f"digits/train/{name}{part}")
        [item] = stations.ledger.runs("digits")
        stations.prepare_dataset.prepare(stations.ledger.run("digits", str(item["run_id"])))
        written = stations.artifacts.list("digits/prepared/")
        return {
            item.key.split("/", 3)[3]: [
                [float(field or "nan") for field in row]
                for row in csv.reader(stations.artifacts.read(item.key).decode().splitlines())
            ]
            for item in written
            if "/part-" in item.key
        }

    plain, found = channels("w.csv", {"": as_csv(TABLE).encode()}), channels(form, files(tmp_path)[form])
    assert plain
    assert str(found) == str(plain)


@pytest.mark.parametrize("room", [ROOM, 0])
@pytest.mark.parametrize("form", FORMS)
def test_a_file_in_another_form_is_read_once_where_there_is_room_and_its_snapshot_is_the_same(
    tmp_path: Path, form: str, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchyard.intake.admission.KeptForms", partial(KeptForms, room=room))
    stations, read = Stations(), []
    stations.has_pipeline()
    chunks = stations.data.chunks
    monkeypatch.setattr(stations.data, "chunks", lambda *args: (read.append(args[0]), chunks(*args))[1])
    for part, body in files(tmp_path)[form].items():
        stations.clock.pass_(1)
        stations.data.write(f"digits/train/{form}{part}", body)
        stations.admission.admit(f"digits/train/{form}{part}")
    [item] = stations.ledger.runs("digits")
    run = stations.ledger.run("digits", str(item["run_id"]))
    manifest = json.loads(stations.artifacts.read(f"{run.snapshot}manifest.json"))
    written = [stations.artifacts.read(f"{run.snapshot}data/{file['name']}") for file in manifest["files"]]
    assert [hashlib.sha256(body).hexdigest() for body in written] == [
        file["sha256"] for file in manifest["files"]
    ]
    assert len(read) == len(written) * (1 if room == ROOM else 2)


def test_what_finds_no_room_leaves_it_to_the_next(tmp_path: Path) -> None:
    forms = KeptForms(tmp_path, room=5)
    for body in (b"abc", b"defg", b"hi", b"", b"j"):
        with forms.next() as kept:
            for byte in body:
                kept.write(bytes([byte]))
    found = [Path(path).read_bytes() if path else None for path in forms.paths]
    assert found == [b"abc", None, b"hi", None, None]


def test_packed_rows_have_the_room_that_converted_files_leave(tmp_path: Path) -> None:
    packed = {}
    for converted in (b"", b"abc", b"abcd", b"abcdef"):  # the last finds no room itself
        forms = KeptForms(tmp_path, room=5, packed_room=4)
        with forms.packing() as packing, forms.next() as kept:
            for byte in converted:
                kept.write(bytes([byte]))
            packing.write(b"123")
            packing.write(b"456")
        packed[converted] = Path(forms.packed).read_bytes() if forms.packed else None
    assert packed == {b"": b"123456", b"abc": b"123456", b"abcd": None, b"abcdef": b"123456"}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_scored_as_a_batch_drop(tmp_path: Path, form: str) -> None:
    stations = Stations()
    stations.has_pipeline()
    stations.drop("digits/train/w.csv", as_csv(TABLE))
    [item] = stations.ledger.runs("digits")
    run = stations.ledger.run("digits", str(item["run_id"]))
    schema = stations.prepare_dataset.prepare(run)["schema"]
    champion = stations.champion(run.run_id)
    stations.artifacts.write(champion.schema, stations.artifacts.read(schema))
    for part, body in files(tmp_path)[form].items():
        stations.clock.pass_(1)
        stations.data.write(f"digits/batch/{form}{part}", body)
        stations.admit_batch.admit(f"digits/batch/{form}{part}")
    [item] = stations.ledger.batches("digits")
    batch = Batch.from_dict(json.loads(str(item["batch"])))
    written = [
        stations.artifacts.read(item.key).decode()
        for item in stations.artifacts.list(f"{batch.folder}input/")
    ]
    found = [read_numbers(row) for row in csv.reader("".join(written).splitlines())]
    plain = [read_numbers([text(a), text(b), str(int(bool(c)))]) for a, b, c, _ in TABLE]
    assert str(found) == str(plain)
