"""Records at the door: labels by folder or by a table, one content once, and every defect with the object's name."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from switchyard.intake.rules.record_labels import by_folder
from tests.fakes.stations import Stations

SCRIPT = {"kind": "script", "framework": "sklearn", "entry_point": "train.py"}
PNG, JPG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
PETS = {
    "cat/1.png": PNG + b"1",
    "cat/deep/2.png": PNG + b"2",
    "dog/1.png": PNG + b"3",
    "dog/4.jpg": JPG + b"4",
}


@pytest.fixture
def pets(stations: Stations) -> Stations:
    stations.has_pipeline("pets", data={"kind": "records"}, training=SCRIPT)
    stations.artifacts.write("pets/code/train.py", b"print()")
    return stations


def drop(
    stations: Stations, files: dict[str, bytes], version: str = "v1", marker: bytes | None = None
) -> dict[str, Any]:
    """Every file, then what closes the folder; answers the newest record of it."""
    stations.clock.pass_(1)
    for name, body in files.items():
        stations.data.write(f"pets/train/{version}/{name}", body)
    stations.clock.pass_(1)
    closing = f"pets/train/{version}/{'_SUCCESS' if marker is None else 'manifest.json'}"
    stations.data.write(closing, marker or b"")
    stations.admission.admit(closing)
    return dict(next(u for u in stations.uploads("pets") if f"/{version}/" in str(u["source"])))


def kept(body: bytes, ending: str = "png") -> str:
    return f"{sha256(body).hexdigest()}.{ending}"


def table(stations: Stations) -> list[str]:
    [key] = [key for key in stations.artifacts.objects if key.endswith("data/records.csv")]
    return stations.artifacts.read(key).decode().splitlines()


def labels(target: str = "y") -> bytes:
    rows = [f"{name},{name.split('/')[0]}" for name in PETS]
    return "\n".join([f"key,{target}", *rows, ""]).encode()


def test_a_line_of_labels_ends_at_a_line_feed_and_says_each_key_once(pets: Stations) -> None:
    """A name may have a U+2028, which JSON needs not to escape; and of a key that stands twice one would be lost."""
    files = {"a\u2028b.png": PNG + b"1", "c.png": PNG + b"2", "d.png": PNG + b"3", "e.png": PNG + b"4"}
    rows = [{"key": name, "y": label} for name, label in zip(files, "xyxy", strict=True)]
    body = "\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    upload = drop(pets, {**files, "labels.jsonl": body})
    assert upload["state"] == "RUNNING", upload["reason"]
    twice = body.replace(b'"y": "x"', b'"y": "x", "y": "y"', 1)
    upload = drop(pets, {**files, "labels.jsonl": twice}, "v2")
    assert upload["state"] == "INVALID"
    assert "labels.jsonl: line 1: 'y' stands twice in it; write each key once" in upload["reason"]


def test_tables_are_read_as_tables_of_data_are(pets: Stations) -> None:
    """Keys with blanks, marks of byte order between files that were joined, quotes behind blanks, forms of a label."""
    rows = (
        {"key ": name, "y": name.split("/")[0] + mark}
        for name, mark in zip(PETS, ("", "\u200b", "\u00a0", " "), strict=True)
    )
    lines = "".join(f"\ufeff{json.dumps(row)}\n" for row in rows).encode()
    assert drop(pets, {**PETS, "labels.jsonl": lines})["state"] == "RUNNING"
    assert {line.split(",")[1] for line in table(pets)[1:]} == {"cat", "dog"}
    quoted = "\n".join(["key, y", *(f'{name}, "{name.split("/")[0]}"' for name in PETS)]).encode()
    upload = drop(pets, {**PETS, "labels.csv": quoted}, "v2")
    assert upload["state"] == "RUNNING", upload["reason"]
    assert len([key for key in pets.artifacts.objects if key.endswith("data/records.csv")]) == 1


def test_what_is_wrong_with_a_label_is_told_by_its_object(pets: Stations) -> None:
    numbers = [f"{name},{at}.5" for at, name in enumerate(PETS)]
    body = "\n".join(["key,y", *numbers[:3], "dog/4.jpg,1e39", ""]).encode()
    said = "the target: the number is too large for 32-bit floating point; scale the column"
    upload = drop(pets, {**PETS, "labels.csv": body})
    assert upload["reason"] == f"pets/train/v1/dog/4.jpg: column 'y': {said}"


def spelled(write: Callable[[str], str]) -> bytes:
    return "\n".join(["key,y", *(f'"{write(name)}",{name.split("/")[0]}' for name in PETS)]).encode()


@pytest.mark.parametrize(
    "write",
    [
        lambda name: f"./{name}",
        lambda name: name.replace("/", "\\"),
        lambda name: f"pets/train/v1/{name}",
        lambda name: f"s3://data/pets/train/v1/{name}",
        lambda name: f" {name} ",
        lambda name: f"\ufeff{name}\u200b",
        lambda name: name.replace("/", "//"),
    ],
    ids=["from here", "windows", "whole keys", "URIs", "blanks", "marks", "double slashes"],
)
def test_names_in_a_table_mean_what_they_do_in_a_manifest(
    pets: Stations, write: Callable[[str], str]
) -> None:
    upload = drop(pets, {**PETS, "Labels.CSV": spelled(write)})
    assert upload["state"] == "RUNNING", upload["reason"]
    assert len(table(pets)) == 1 + len(PETS)


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("labels.csv", spelled(str.upper), "lies there, and is another name: write it so in the table"),
        ("labels.csv", spelled(lambda name: f"../{name}"), "there is no such object in the folder"),
        ("labels.csv", b"key,y,y\ncat/1.png,cat,dog\n", "a column name occurs twice: 'y'"),
        ("labels.csv", b"key,key,y\nx,cat/1.png,cat\n", "a column name occurs twice: 'key'"),
        ("labels.csv", labels() + b"key, y\n", "row 6: it repeats the header, as where files were joined"),
        ("labels.csv", b"Key,y\ncat/1.png,cat\n", "file_name; found Key, y"),
        (
            "labels.jsonl",
            b'{"key": "cat/1.png", "y": "\\ud800"}',
            "line 1: half a surrogate pair in the label",
        ),
    ],
)
def test_a_table_that_says_something_else_is_refused(
    pets: Stations, name: str, body: bytes, said: str
) -> None:
    upload = drop(pets, {**PETS, name: body})
    assert (upload["state"], said in upload["reason"]) == ("INVALID", True), upload["reason"]


@pytest.mark.parametrize("name", ["labels.csv.gz", "labels.parquet", "metadata.json"])
def test_a_table_that_is_not_read_is_told_as_one(pets: Stations, name: str) -> None:
    upload = drop(pets, {**PETS, name: b"x"})
    assert f"{name}: it is named as a table of labels, and labels.csv" in upload["reason"]


@pytest.mark.parametrize("tops", [("train", "test"), ("Train",), ("train", "val", "test")])
def test_a_split_is_no_class(pets: Stations, tops: tuple[str, ...]) -> None:
    """A model would learn to tell training from test."""
    files = {f"{top}/{name}": body + top.encode() for top in tops for name, body in PETS.items()}
    upload = drop(pets, files)
    assert upload["state"] == "INVALID"
    assert "is a split of the data and no class; drop the folders of the classes" in upload["reason"]


def test_a_class_may_be_called_as_a_split_is_and_hive_writes_the_target_before_it() -> None:
    names = ["test/1.png", "cat/1.png", "y=dog/1.png", "z=dog/2.png"]
    assert list(by_folder("pets/train/v1/", names, "y").values()) == ["test", "cat", "dog", "z=dog"]


def test_folders_are_classes_and_a_record_is_its_content(pets: Stations) -> None:
    upload = drop(pets, PETS)
    assert upload["state"] == "RUNNING", upload["reason"]
    rows = sorted(f"{kept(body, name[-3:])},{name[:3]}" for name, body in PETS.items())
    assert table(pets) == ["image,y", *rows]
    stored = [key for key in pets.artifacts.objects if "/records/" in key]
    assert sorted(stored) == sorted(f"pets/snapshots/records/{kept(b, n[-3:])}" for n, b in PETS.items())
    run = pets.ledger.run("pets", str(upload["run_id"]))
    seen = pets.snapshots.seen(run, "y")
    assert seen is not None
    assert [(each.name, each.kind.value) for each in seen.features] == [("image", "record")]
    assert pets.snapshots.pipeline(run).is_records


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("labels.csv", labels()),
        ("labels.csv", labels().replace(b",", b";")),
        ("metadata.csv", labels().replace(b"key,", b"file_name,")),
        ("labels.jsonl", "\n".join(json.dumps({"key": n, "y": n[:3]}) for n in PETS).encode()),
        (
            "animals.manifest",
            "\n".join(
                json.dumps(
                    {"source-ref": f"s3://data/pets/train/v2/{n}", "y": n[:3], "y-metadata": {"type": "x"}}
                )
                for n in PETS
            ).encode(),
        ),
    ],
)
def test_a_table_of_labels_gives_the_same_dataset(pets: Stations, name: str, body: bytes) -> None:
    first = drop(pets, PETS)
    again = drop(pets, PETS | {name: body}, "v2")
    assert again["run_id"] == first["run_id"], again["reason"]


def test_the_same_content_twice_under_one_label_is_one_record(pets: Stations) -> None:
    first = drop(pets, PETS)
    again = drop(pets, PETS | {"cat/copy.png": PETS["cat/1.png"]}, "v2")
    assert again["run_id"] == first["run_id"]


def test_datasets_share_their_records(pets: Stations) -> None:
    drop(pets, PETS)
    before = {key: at for key, (_, at) in pets.artifacts.objects.items() if "/records/" in key}
    drop(pets, PETS | {"dog/5.png": PNG + b"5"}, "v2")
    after = {key: at for key, (_, at) in pets.artifacts.objects.items() if "/records/" in key}
    assert len(after) == len(before) + 1
    assert before.items() <= after.items()


def test_numbers_are_a_regression_where_the_table_says_so(pets: Stations) -> None:
    rows = "".join(f"{name},{place + 0.5}\n" for place, name in enumerate(PETS))
    upload = drop(pets, PETS | {"labels.csv": f"key,y\n{rows}".encode()})
    run = pets.ledger.run("pets", str(upload["run_id"]))
    assert pets.snapshots.pipeline(run).problem == "regression"


def test_a_manifest_of_digests_is_held_to(pets: Stations) -> None:
    files = [{"name": n, "size": len(b), "sha256": sha256(b).hexdigest()} for n, b in PETS.items()]
    assert drop(pets, PETS, marker=json.dumps({"files": files}).encode())["state"] == "RUNNING"
    files[0]["sha256"] = "0" * 64
    upload = drop(pets, PETS, "v2", json.dumps({"files": files}).encode())
    assert "manifest.json says" in str(upload["reason"])


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"1.png": PNG}, "v1/1.png: it lies in no folder of a class, and there is no table of labels"),
        ({"dog/5.png": b""}, "dog/5.png: it is empty; a record has 1 to 5000000 bytes"),
        ({"dog/5.png": PNG + b"x" * 5_000_000}, "dog/5.png: 5000008 bytes; a record has 1 to 5000000 bytes"),
        ({"dog/5.png": b"<!doctype html><p>404"}, "dog/5.png: by its bytes it is of kind text, and cat/1.png"),
        ({"dog/5.png": b"\x00\x01"}, "dog/5.png: its first bytes are of no type that is known (png, jpg, "),
        ({"dog/5.png": PETS["cat/1.png"]}, "dog/5.png: it has the same content as cat/1.png, and another label"),
        ({"NA/5.png": PNG + b"5"}, "NA/5.png: the label is missing"),
        ({"labels.csv": labels() + b"cat/9.png,cat\n"}, "labels.csv: row 6: it names cat/9.png, and there is no"),
        ({"labels.csv": labels() + b"cat/1.png,dog\n"}, "labels.csv: row 6: cat/1.png is named once more"),
        ({"labels.csv": labels().rsplit(b"\n", 2)[0]}, "labels.csv: dog/4.jpg lies in the folder and has no row"),
        ({"labels.csv": labels("z")}, "labels.csv: row 2: the target 'y' is missing; found key, z"),
        ({"labels.csv": labels().replace(b"1.png,dog", b"1.png,")}, "labels.csv: row 4: the label is missing"),
        ({"labels.csv": labels().replace(b"key,", b"path,")}, "labels.csv: row 2: there is no key of an object"),
        ({"labels.csv": labels() + b"a,b,c\n"}, "labels.csv: row 6: it has not as many fields as the header"),
        ({"labels.csv": b"\xff\xfe\x00"}, "labels.csv: "),
        ({"labels.jsonl": b"nonsense"}, "labels.jsonl: line 1: expected a JSON object"),
        ({"labels.jsonl": b'{"key": "cat/1.png", "y": [1]}'}, "line 1: the target 'y' is neither a text"),
        ({"x.manifest": b'{"source-ref": "s3://other/1.png", "y": 1}'}, "line 1: its object lies elsewhere"),
        ({"x.manifest": b"{}", "labels.csv": b""}, "labels.csv and x.manifest both hold labels"),
    ],
)  # fmt: skip
def test_what_is_no_record_is_named(pets: Stations, files: dict[str, bytes], reason: str) -> None:
    upload = drop(pets, PETS | files)
    assert (upload["state"], reason in str(upload["reason"])) == ("INVALID", True), upload["reason"]
    assert not any("/snapshots/" in key for key in pets.artifacts.objects)


def test_a_single_object_is_no_dataset_of_records(pets: Stations) -> None:
    pets.data.write("pets/train/1.png", PNG)
    pets.admission.admit("pets/train/1.png")
    [upload] = pets.uploads("pets")
    assert "data.kind: records works with a folder" in str(upload["reason"])


def test_one_class_alone_teaches_nothing(pets: Stations) -> None:
    upload = drop(pets, {name: body for name, body in PETS.items() if name.startswith("cat")})
    assert "the target has only one value in 2 rows" in str(upload["reason"])


def test_a_request_to_a_serverless_endpoint_is_smaller(pets: Stations) -> None:
    pets.has_pipeline("pets", data={"kind": "records"}, training=SCRIPT, deployment={"mode": "serverless"})
    upload = drop(pets, PETS | {"dog/5.png": PNG + b"x" * 4_000_000})
    assert "a record has 1 to 4000000 bytes" in str(upload["reason"])


def promote(stations: Stations, upload: dict[str, Any]) -> None:
    run = stations.ledger.run("pets", str(upload["run_id"]))
    stations.prepare_dataset.prepare(run)
    stations.snapshots.adopt(run)


def many(count: int = 40, start: bytes = PNG) -> dict[str, bytes]:
    return {f"{('cat', 'dog')[n % 2]}/{n}.bin": start + str(n).encode() for n in range(count)}


def test_a_promoted_model_keeps_its_kind_of_records_and_its_classes(pets: Stations) -> None:
    promote(pets, drop(pets, many()))
    audio = drop(pets, many(start=b"fLaC"), "v2")
    assert "its records are of kind audio, and the model's of kind image" in str(audio["reason"])
    birds = drop(pets, many() | {"bird/1.png": PNG + b"b"}, "v3")
    assert "the target has class bird, and the model knows classes cat, dog alone" in str(birds["reason"])


def test_a_promoted_model_stays_one_of_records_or_of_a_table(pets: Stations) -> None:
    promote(pets, drop(pets, many()))
    pets.has_pipeline("pets")
    pets.data.write("pets/train/t.csv", b"a,y\n1,cat\n2,dog\n")
    pets.admission.admit("pets/train/t.csv")
    [upload] = [each for each in pets.uploads("pets") if "t.csv" in str(each["source"])]
    assert "data.kind: table is stated, and the model's is records" in str(upload["reason"])
