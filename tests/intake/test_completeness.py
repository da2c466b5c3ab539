"""When a folder is all there, and what in it is data: markers, manifests, and what tools leave beside."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.fakes.rooms import Rooms, csv_of
from tests.fakes.store import MemoryStorage

FOLDER = "digits/train/v1/"
PART = csv_of(1)


def manifest(files: dict[str, str], **changes: Any) -> str:
    entries = [
        {"name": name, "size": len(body), "sha256": hashlib.sha256(body.encode()).hexdigest()} | changes
        for name, body in files.items()
    ]
    return json.dumps({"files": entries})


def put(rooms: Rooms, name: str, body: str = PART) -> str:
    """An object of the folder arrives and is admitted."""
    return rooms.drop(f"{FOLDER}{name}", body)


def told(rooms: Rooms) -> tuple[str, str]:
    [upload] = rooms.uploads()
    return str(upload["state"]), str(upload["reason"])


def trained_on(rooms: Rooms) -> set[str]:
    [run] = rooms.ledger.runs("digits")
    snapshot = str(json.loads(str(run["run"]))["snapshot"])
    return {item.key.removeprefix(f"{snapshot}data/") for item in rooms.artifacts.list(f"{snapshot}data/")}


@pytest.fixture
def rooms() -> Rooms:
    rooms = Rooms()
    rooms.has_pipeline()
    return rooms


# markers


def test_a_marker_that_came_before_its_files_closes_nothing_until_it_comes_again(rooms: Rooms) -> None:
    """`aws s3 sync` uploads in the order of names, and `_` comes before letters."""
    for name in ("_SUCCESS", "part-0.csv", "part-1.csv"):
        put(rooms, name, "" if name == "_SUCCESS" else csv_of(len(name)))
    state, reason = told(rooms)
    assert state == "INCOMPLETE"
    assert reason == "part-0.csv, part-1.csv arrived after _SUCCESS; put _SUCCESS once more when all is there"
    put(rooms, "_SUCCESS", "")
    assert rooms.states() == ["RUNNING"]
    assert trained_on(rooms) == {"part-0.csv", "part-1.csv"}


def test_a_marker_of_the_same_second_closes(rooms: Rooms) -> None:
    rooms.upload(f"{FOLDER}part-0.csv", PART)
    rooms.data.write(f"{FOLDER}_SUCCESS", b"")
    rooms.admission.admit(f"{FOLDER}_SUCCESS")
    assert rooms.states() == ["RUNNING"]


def test_a_manifest_closes_whenever_it_came(rooms: Rooms) -> None:
    put(rooms, "manifest.json", manifest({"part-0.csv": PART}))
    put(rooms, "part-0.csv")
    assert rooms.states() == ["RUNNING"]


# the manifest is authoritative


def test_what_the_manifest_does_not_name_is_named(rooms: Rooms) -> None:
    rooms.upload(f"{FOLDER}part-1.csv", csv_of(2))
    rooms.upload(f"{FOLDER}part-0.csv")
    put(rooms, "manifest.json", manifest({"part-0.csv": PART}))
    state, reason = told(rooms)
    assert state == "INVALID"
    assert "part-1.csv lies there and is not named in manifest.json; name it, or remove it" in reason
    assert rooms.ledger.runs("digits") == []


@pytest.mark.parametrize("change", [str.upper, str.title])
def test_a_digest_in_capitals_is_a_digest(rooms: Rooms, change: Any) -> None:
    rooms.upload(f"{FOLDER}part-0.csv", PART)
    put(
        rooms,
        "manifest.json",
        manifest({"part-0.csv": PART}, sha256=change(hashlib.sha256(PART.encode()).hexdigest())),
    )
    assert rooms.states() == ["RUNNING"]


@pytest.mark.parametrize("name", ["./part-0.csv", "././part-0.csv", ".//part-0.csv"])
def test_a_name_that_begins_with_the_folder_itself_is_the_name(rooms: Rooms, name: str) -> None:
    rooms.upload(f"{FOLDER}part-0.csv", PART)
    put(rooms, "manifest.json", manifest({"part-0.csv": PART}, name=name))
    assert rooms.states() == ["RUNNING"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"files": []}', "it names no file"),
        ("[" * 200_000, "expected JSON"),
        (
            '{"files": [{"name": "part-0.csv", "size": 1e400, "sha256": "0"}]}',
            "size must be a whole number of bytes",
        ),
        (
            '{"files": [{"name": "part-0.csv", "size": true, "sha256": "0"}]}',
            "size must be a whole number of bytes",
        ),
        ('{"files": [{"name": "../part-0.csv", "size": 1, "sha256": "0"}]}', "a path within the folder"),
        ('{"files": [{"name": "/part-0.csv", "size": 1, "sha256": "0"}]}', "a path within the folder"),
        (
            '{"files": [{"name": "part-0.csv", "size": 1, "sha256": "0"}]}',
            "sha256 must be 64 hexadecimal digits",
        ),
        ('{"files": ["part-0.csv"]}', "expected name, size and sha256 of file 1, as an object"),
        ('{"files": {"part-0.csv": 3}}', "a list of `files`"),
        ("[1]", "expected an object"),
        ("null", "expected an object"),
    ],
)
def test_a_manifest_that_is_none_says_what_one_is(rooms: Rooms, body: str, says: str) -> None:
    rooms.upload(f"{FOLDER}part-0.csv")
    put(rooms, "manifest.json", body)
    state, reason = told(rooms)
    assert state == "INVALID"
    assert says in reason
    assert '{"files": [{"name": "part-0.csv", "size": 1234, "sha256": "..."}]}' in reason
    assert "Error" not in reason


# what is no data

LEFTOVERS = [
    "",
    "sub/",
    "._SUCCESS.crc",
    ".part-0.csv.crc",
    ".DS_Store",
    "_committed_1",
    "_temporary/0/part-9.csv",
    "sub_$folder$",
    ".ipynb_checkpoints/part-0.csv",
    "sub/_SUCCESS",
]


@pytest.mark.parametrize("name", LEFTOVERS)
def test_what_tools_leave_is_no_data(rooms: Rooms, name: str) -> None:
    assert put(rooms, name, "" if name.endswith("/") or not name else "x").startswith("ignored")
    put(rooms, "part-0.csv")
    put(rooms, "_SUCCESS", "")
    assert rooms.states() == ["RUNNING"]
    assert trained_on(rooms) == {"part-0.csv"}
    assert put(rooms, name, "").startswith("ignored")


@pytest.mark.parametrize(
    "key", ["digits/train/", "digits/train/v1/", "digits/train/v1_$folder$", "digits/train/.DS_Store"]
)
def test_a_placeholder_has_no_record_and_does_not_hide_the_newest_dataset(rooms: Rooms, key: str) -> None:
    rooms.upload("digits/train/w.csv", PART)
    rooms.drop(key, "")
    assert rooms.uploads() == []
    rooms.admission.admit_unseen("digits")
    assert rooms.states() == ["RUNNING"]


@pytest.mark.parametrize("empty", ["", "a,b,y\n", "a,b,y"])
def test_an_empty_part_among_full_ones_is_no_defect(rooms: Rooms, empty: str) -> None:
    rooms.upload(f"{FOLDER}part-0.csv", empty)
    rooms.upload(f"{FOLDER}part-1.csv", csv_of(1, 100))
    put(rooms, "_SUCCESS", "")
    assert rooms.states() == ["RUNNING"]
    run = rooms.ledger.run("digits", str(rooms.uploads()[0]["run_id"]))
    rooms.prepare_dataset.prepare(run)
    counts = json.loads(rooms.artifacts.read(f"digits/prepared/{run.run_id}/schema.json"))["rows"]
    assert sum(counts.values()) == 100


@pytest.mark.parametrize("empty", ["", "a,b,y\n"])
def test_parts_that_are_all_empty_are_one(rooms: Rooms, empty: str) -> None:
    rooms.upload(f"{FOLDER}part-0.csv", empty)
    rooms.upload(f"{FOLDER}part-1.csv", empty)
    put(rooms, "_SUCCESS", "")
    assert told(rooms)[0] == "INVALID"


def test_an_empty_part_may_stand_in_the_manifest(rooms: Rooms) -> None:
    files = {"part-0.csv": "", "part-1.csv": PART}
    for name, body in files.items():
        rooms.upload(f"{FOLDER}{name}", body)
    put(rooms, "manifest.json", manifest(files))
    assert rooms.states() == ["RUNNING"]


def test_a_suffix_in_capitals_is_read(rooms: Rooms) -> None:
    rooms.drop("digits/train/WEEK.CSV", PART)
    assert rooms.states() == ["RUNNING"]


def test_leftovers_of_code_do_not_travel_and_packages_do(rooms: Rooms) -> None:
    rooms.has_pipeline(training={"kind": "script", "framework": "sklearn", "entry_point": "train.py"})
    for name in (
        "",
        "train.py",
        "lib/__init__.py",
        ".git/config",
        "lib/__pycache__/a.pyc",
        ".DS_Store",
        "lib/",
    ):
        rooms.artifacts.write(f"digits/code/{name}", b"x")
    pipeline = rooms.snapshots.pipeline(rooms.a_run())
    assert set(rooms.admission.owner_code._files("digits", pipeline)) == {"train.py", "lib/__init__.py"}


# what is on record is not read again


@dataclass
class Counted(MemoryStorage):
    """A bucket that counts how often objects are read."""

    reads: list[str] = field(default_factory=list)

    def chunks(self, key: str, etag: str = "") -> Iterator[bytes]:
        self.reads.append(key)
        return super().chunks(key, etag)


def test_a_folder_is_read_once_however_many_events_come_after_it_is_closed() -> None:
    rooms = Rooms()
    data = Counted("data", rooms.clock)
    rooms.admission = replace(
        rooms.admission, data=data, dataset_check=replace(rooms.admission.dataset_check, data=data)
    )
    rooms.data = data
    rooms.has_pipeline()
    keys = [rooms.upload(f"{FOLDER}part-{number}.csv", csv_of(number)) for number in range(50)]
    keys.append(rooms.upload(f"{FOLDER}_SUCCESS", ""))
    rooms.clock.pass_(1)
    for key in keys:
        rooms.admission.admit(key)
    assert rooms.states() == ["RUNNING"]
    assert Counter(data.reads).most_common(1)[0][1] <= 2  # once to be checked, once to be copied
    assert len(rooms.executions.inputs) == 1


def test_a_refused_upload_is_read_again_only_when_it_is_dropped_again(rooms: Rooms) -> None:
    rooms.data = data = Counted("data", rooms.clock)
    rooms.admission = replace(
        rooms.admission, data=data, dataset_check=replace(rooms.admission.dataset_check, data=data)
    )
    key = rooms.upload("digits/train/v1.csv", "a,b,y\n1,x,0\n")
    rooms.clock.pass_(1)
    for _ in range(3):
        assert rooms.admission.admit(key).startswith("INVALID")
    assert data.reads == [key]
    rooms.clock.pass_(1)
    rooms.drop("digits/train/v1.csv", "a,b,y\n1,x,0\n")
    assert data.reads == [key, key]
