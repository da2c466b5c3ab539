"""Hostile and odd uploads: each leaves a record that names the place, and never the class of an error of Python."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from switchyard.closing.dead_letters import REASON
from switchyard.intake.stray_objects import Strays
from switchyard.labels.rules.label_line import LabelError, read_label
from tests.fakes.stations import SOUND, Stations

CLASS_NAME = re.compile(r"\b[A-Z]\w*(Error|Exception)\b")
DEEP = "[" * 100_000
LONG = "x" * 1_000


@pytest.fixture
def stations() -> Stations:
    stations = Stations()
    stations.has_pipeline()
    return stations


def told(stations: Stations, model: str = "digits") -> list[tuple[str, str]]:
    return [(str(u["state"]), str(u["reason"])) for u in stations.uploads(model)]


MANIFESTS = {
    "nested 100,000 deep": DEEP,
    "a size of 1e400": '{"files":[{"name":"a.csv","size":1e400,"sha256":"x"}]}',
    "a size of 5,000 digits": '{"files":[{"name":"a.csv","size":' + "9" * 5000 + ',"sha256":"x"}]}',
    "a list": "[1]",
    "a text": '"files"',
    "files that are no objects": '{"files":[1]}',
}


@pytest.mark.parametrize("body", MANIFESTS.values(), ids=MANIFESTS.keys())
@pytest.mark.parametrize("under", ["train", "batch"])
def test_a_manifest_that_cannot_be_read(stations: Stations, under: str, body: str) -> None:
    stations.champion()
    stations.upload(f"digits/{under}/v/a.csv")
    key = stations.upload(f"digits/{under}/v/manifest.json", body)
    door = stations.admission if under == "train" else stations.admit_batch
    door.admit(key)
    [(state, reason)] = told(stations)
    assert state in ("INVALID", "INCOMPLETE")
    assert f"digits/{under}/v/" in reason
    assert not CLASS_NAME.search(reason)


PIPELINES = {
    "nested deep": "name: digits\ntarget: y\nx: " + "[" * 5_000,
    "an integer of 5,000 digits": "name: digits\ntarget: y\nvalidation_percent: " + "9" * 5_000,
}


@pytest.mark.parametrize("text", PIPELINES.values(), ids=PIPELINES.keys())
def test_a_pipeline_yaml_that_cannot_be_read(stations: Stations, text: str) -> None:
    stations.artifacts.write("digits/pipeline.yaml", text.encode())
    stations.drop("digits/train/v1.csv", SOUND)
    [(state, reason)] = told(stations)
    assert (state, "digits/pipeline.yaml" in reason) == ("INVALID", True)
    assert not CLASS_NAME.search(reason)


@pytest.mark.parametrize(
    "line", [DEEP, '{"inferenceId":"x","label":' + "1" * 401 + "}", '{"inferenceId":"x","label":1e999}']
)
def test_a_label_line_that_cannot_be_read_is_a_bad_line_and_nothing_else(line: str) -> None:
    with pytest.raises(LabelError):
        read_label(line)


@pytest.mark.parametrize("under", ["train", "batch"])
def test_a_key_that_is_too_long_for_what_is_made_of_it(stations: Stations, under: str) -> None:
    stations.champion()
    key = stations.upload(f"digits/{under}/{LONG}.csv")
    door = stations.admission if under == "train" else stations.admit_batch
    door.admit(key)
    [(state, reason)] = told(stations)
    assert (state, "give it a shorter one" in reason) == ("INVALID", True)
    assert all(len(sk.encode()) <= 1024 for _, sk in stations.items.rows)


def test_a_model_name_of_a_thousand_signs_is_on_record(stations: Stations) -> None:
    stations.drop(f"{LONG}/train/x.csv")
    assert [state for state, _ in told(stations, LONG)] == ["INVALID"]
    assert all(len(sk.encode()) <= 1024 for _, sk in stations.items.rows)


STRAYS = {
    "digits/train//w.csv": "a folder of this key has no name; drop it as digits/train/w.csv",
    "/digits/train/w.csv": "a folder of this key has no name; drop it as digits/train/w.csv",
    "digits/trian/w.csv": "nothing is read from here",
    "w.csv": "nothing is read from here",
}


@pytest.mark.parametrize("under", ["train", "batch"])
@pytest.mark.parametrize("marker", ["_SUCCESS", "manifest.json"])
def test_a_marker_in_no_folder_of_its_own_is_told(stations: Stations, under: str, marker: str) -> None:
    """As where Spark writes its parts right under train/: each of them is a dataset by itself."""
    key = stations.upload(f"digits/{under}/{marker}", "{}")
    door = stations.admission if under == "train" else stations.admit_batch
    for _ in range(2):
        door.admit(key)
    [(state, reason)] = told(stations)
    assert state == "INVALID"
    assert (
        f"drop the files that belong together, and {marker} last, as digits/{under}/<version>/..." in reason
    )


@pytest.mark.parametrize("key", STRAYS)
def test_what_lands_beside_the_known_folders_is_told_once(stations: Stations, key: str) -> None:
    model = "digits" if "digits" in key else "-"
    for _ in range(2):
        stations.drop(key)
    stations.drop(key.replace("w.", "v."))
    found = [reason for state, reason in told(stations, model) if state == "INVALID"]
    assert len(found) == (1 if "/" in key else 2)
    assert STRAYS[key] in found[0]


@pytest.mark.parametrize("name", ["_w.csv", "__w.PARQUET", "_w.jsonl.gz"])
def test_a_table_that_is_named_as_what_tools_leave_is_told_once_for_each(
    stations: Stations, name: str
) -> None:
    for key in (f"digits/train/{name}", f"digits/train/{name}", f"digits/train/_{name}"):
        stations.drop(key)
    found = [reason for state, reason in told(stations) if state == "INVALID"]
    assert len(found) == 2
    assert any(f"drop it as digits/train/{name.lstrip('_')}" in reason for reason in found)
    stations.drop("digits/train/w.csv")
    assert "RUNNING" in [state for state, _ in told(stations)]


@pytest.mark.parametrize("name", ["_metadata", "_w.csv.crc", "._w.csv", "~$w.csv"])
def test_what_only_tools_write_is_not_told(stations: Stations, name: str) -> None:
    assert stations.drop(f"digits/train/{name}") == "ignored: a tool left it"
    assert told(stations) == []


BESIDE_DOORS = {
    "batch of a name that tools leave": ("digits/batch/_w.csv", "drop it as digits/batch/w.csv"),
    "batch": ("Digits/batch/w.csv", "'Digits' is no model name"),
    "batch of a folder of models": ("x/digits/batch/w.csv", "nothing is read from here"),
    "labels of a folder of models": ("x/digits/labels/w.jsonl", "nothing is read from here"),
    "labels without a model": ("/digits/labels/w.jsonl", "a folder of this key has no name"),
}


@pytest.mark.parametrize(("key", "says"), BESIDE_DOORS.values(), ids=BESIDE_DOORS.keys())
def test_what_another_rule_than_that_of_strays_catches_is_told_too(
    stations: Stations, key: str, says: str
) -> None:
    stations.upload(key)
    became = (
        stations.admit_batch.admit(key)
        if "batch" in key
        else Strays(stations.ledger, stations.data).tell(key)
    )
    assert became.startswith("INVALID")
    [found] = [u for model in ("-", "x", "Digits", "digits") for u in stations.uploads(model)]
    assert says in str(found["reason"])


@pytest.mark.parametrize(
    "key", ["digits/labels/w.json", "digits/labels/train/w.jsonl", "digits/train/batch/w.csv"]
)
def test_what_another_door_reads_is_told_by_that_door_alone(stations: Stations, key: str) -> None:
    assert Strays(stations.ledger, stations.data).tell(key) == "ignored: another door reads it"


@pytest.mark.parametrize("name", ["../../holdout.csv", "./w.csv", "x//w.csv"])
@pytest.mark.parametrize("under", ["train", "batch"])
def test_names_that_are_another_folder_on_a_disk_are_refused(
    stations: Stations, under: str, name: str
) -> None:
    stations.champion()
    door = stations.admission if under == "train" else stations.admit_batch
    for key in (f"digits/{under}/v/{name}", f"digits/{under}/v/_SUCCESS"):
        stations.upload(key, "" if key.endswith("_SUCCESS") else SOUND)
        door.admit(key)
    [(state, reason)] = told(stations)
    assert (state, "give it a name of its own" in reason) == ("INVALID", True)


def test_an_object_that_stands_for_a_folder_is_no_upload(stations: Stations) -> None:
    assert stations.drop("digits/train/", "").startswith("ignored")
    assert told(stations) == []


def event(key: str, time: str = "") -> str:
    return json.dumps({"detail": {"object": {"key": key}}} | ({"time": time} if time else {}))


def test_what_no_function_could_handle_becomes_a_record_by_the_sweep(stations: Stations) -> None:
    stations.dead_letters.bodies += [
        event("digits/train/v1.csv"),
        "not JSON",
        event(f"{LONG}/labels/x.jsonl"),
    ]
    done = stations.sweep.sweep()
    assert told(stations) == [("FAILED", REASON)]
    assert [state for state, _ in told(stations, "-")] == ["FAILED"]
    assert stations.dead_letters.bodies == []
    assert sum("no function could handle" in line for line in done) == 1
    assert len(stations.notices.told) == 3


@pytest.mark.parametrize("key", ["digits/train/v1.csv", "digits/train/v2/part-0.csv"])
def test_a_message_of_an_upload_that_has_its_record_adds_none(stations: Stations, key: str) -> None:
    """It came twice, or was handled and never acknowledged; one that is sent after the record is another upload."""
    sent_at = datetime.fromtimestamp(stations.clock(), UTC)
    stations.drop(key, SOUND)
    if "/part-" in key:
        stations.drop(key.replace("part-0.csv", "_SUCCESS"), "")
    known = told(stations)
    stations.dead_letters.bodies.append(event(key, f"{sent_at:%Y-%m-%dT%H:%M:%SZ}"))
    [said] = [line for line in stations.sweep.sweep() if "message" in line]
    assert (told(stations), "on record already" in said, stations.notices.told) == (known, True, [])
    stations.dead_letters.bodies.append(event(key, f"{sent_at + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"))
    stations.sweep.sweep()
    assert [each for each in told(stations) if each not in known] == [("FAILED", REASON)]


def test_a_dry_sweep_leaves_the_dead_letters_where_they_are(stations: Stations) -> None:
    stations.dead_letters.bodies.append(event("digits/train/v1.csv"))
    stations.sweep.sweep(dry_run=True)
    assert len(stations.dead_letters.bodies) == 1


@pytest.mark.parametrize("name", ["my_model", "churn-", "Digits", "_map-runs"])
def test_a_folder_that_is_no_models_makes_no_noise_in_a_sweep(stations: Stations, name: str) -> None:
    stations.artifacts.write(f"{name}/pipeline.yaml", b"name: x\ntarget: y\n")
    assert stations.sweep.sweep() == []
