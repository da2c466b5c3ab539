"""When a folder is all there, and what in it is data: markers, manifests, and what tools leave beside."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from switchyard.engine.zstd_frame import zstd
from tests.fakes.stations import Stations, csv_of
from tests.fakes.store import MemoryStorage

FOLDER = "digits/train/v1/"
PART = csv_of(1)


def manifest(files: dict[str, str], **changes: Any) -> str:
    entries = [
        {"name": name, "size": len(body), "sha256": hashlib.sha256(body.encode()).hexdigest()} | changes
        for name, body in files.items()
    ]
    return json.dumps({"files": entries})


def put(stations: Stations, name: str, body: str = PART) -> str:
    """An object of the folder arrives and is admitted."""
    return stations.drop(f"{FOLDER}{name}", body)


def told(stations: Stations) -> tuple[str, str]:
    [upload] = stations.uploads()
    return str(upload["state"]), str(upload["reason"])


def trained_on(stations: Stations) -> set[str]:
    [run] = stations.ledger.runs("digits")
    snapshot = str(json.loads(str(run["run"]))["snapshot"])
    return {item.key.removeprefix(f"{snapshot}data/") for item in stations.artifacts.list(f"{snapshot}data/")}


@pytest.fixture
def stations() -> Stations:
    stations = Stations()
    stations.has_pipeline()
    return stations


# markers


def test_a_marker_that_came_before_its_files_closes_nothing_until_it_comes_again(stations: Stations) -> None:
    """`aws s3 sync` uploads in the order of names, and `_` comes before letters."""
    for name in ("_SUCCESS", "part-0.csv", "part-1.csv"):
        put(stations, name, "" if name == "_SUCCESS" else csv_of(len(name)))
    state, reason = told(stations)
    assert state == "INCOMPLETE"
    assert reason == "part-0.csv, part-1.csv arrived after _SUCCESS; put _SUCCESS once more when all is there"
    put(stations, "_SUCCESS", "")
    assert stations.states() == ["RUNNING"]
    assert trained_on(stations) == {"part-0.csv", "part-1.csv"}


def test_a_marker_of_the_same_second_closes(stations: Stations) -> None:
    stations.upload(f"{FOLDER}part-0.csv", PART)
    stations.data.write(f"{FOLDER}_SUCCESS", b"")
    stations.admission.admit(f"{FOLDER}_SUCCESS")
    assert stations.states() == ["RUNNING"]


def test_a_manifest_closes_whenever_it_came(stations: Stations) -> None:
    put(stations, "manifest.json", manifest({"part-0.csv": PART}))
    put(stations, "part-0.csv")
    assert stations.states() == ["RUNNING"]


# the manifest is authoritative


def test_what_the_manifest_does_not_name_is_named(stations: Stations) -> None:
    stations.upload(f"{FOLDER}part-1.csv", csv_of(2))
    stations.upload(f"{FOLDER}part-0.csv")
    put(stations, "manifest.json", manifest({"part-0.csv": PART}))
    state, reason = told(stations)
    assert state == "INVALID"
    assert "part-1.csv lies there and is not named in manifest.json; name it, or remove it" in reason
    assert stations.ledger.runs("digits") == []


@pytest.mark.parametrize("change", [str.upper, str.title])
def test_a_digest_in_capitals_is_a_digest(stations: Stations, change: Any) -> None:
    stations.upload(f"{FOLDER}part-0.csv", PART)
    put(
        stations,
        "manifest.json",
        manifest({"part-0.csv": PART}, sha256=change(hashlib.sha256(PART.encode()).hexdigest())),
    )
    assert stations.states() == ["RUNNING"]


@pytest.mark.parametrize("name", ["./part-0.csv", "././part-0.csv", ".//part-0.csv"])
def test_a_name_that_begins_with_the_folder_itself_is_the_name(stations: Stations, name: str) -> None:
    stations.upload(f"{FOLDER}part-0.csv", PART)
    put(stations, "manifest.json", manifest({"part-0.csv": PART}, name=name))
    assert stations.states() == ["RUNNING"]


@pytest.mark.parametrize("name", [".\\part-0.csv", f"{FOLDER}part-0.csv", f"s3://data/{FOLDER}part-0.csv"])
def test_a_name_that_a_tool_writes_in_full_is_the_name(stations: Stations, name: str) -> None:
    stations.upload(f"{FOLDER}part-0.csv", PART)
    put(stations, "manifest.json", manifest({"part-0.csv": PART}, name=name))
    assert stations.states() == ["RUNNING"]


@pytest.mark.parametrize(
    "name", ["Part-0.CSV", "gro\u0308\u00df.csv", "a%20b.csv", "a+b.csv", "a b.csv ", "\u200ba b.csv"]
)
def test_a_name_in_another_spelling_is_told(stations: Stations, name: str) -> None:
    lies = {"Part-0.CSV": "part-0.csv", "gro\u0308\u00df.csv": "gr\u00f6\u00df.csv"}.get(name, "a b.csv")
    stations.upload(f"{FOLDER}{lies}", PART)
    put(stations, "manifest.json", manifest({name: PART}))
    state, reason = told(stations)
    assert (state, f"{lies} lies there, and is another name" in reason) == ("INCOMPLETE", True)


@pytest.mark.parametrize(
    "name", ["v1/part-0.csv", "digits/train/v1/Part-0.csv", "C:/data/part-0.csv", "a/b/part-0.csv"]
)
def test_a_name_from_a_folder_above_is_told(stations: Stations, name: str) -> None:
    stations.upload(f"{FOLDER}part-0.csv", PART)
    put(stations, "manifest.json", manifest({name: PART}))
    state, reason = told(stations)
    assert (state, "part-0.csv lies there, and is another name" in reason) == ("INCOMPLETE", True)


def test_a_file_that_is_on_its_way_is_not_taken_for_its_namesake(stations: Stations) -> None:
    stations.upload(f"{FOLDER}part-0.csv", PART)
    put(stations, "manifest.json", manifest({"part-0.csv": PART, "sub/part-0.csv": PART}))
    assert told(stations) == ("INCOMPLETE", "waiting for sub/part-0.csv named in manifest.json")


@pytest.mark.parametrize(
    "name", ["_SUCCESS", "manifest.json", ".part-0.csv.crc", "_committed_1", "Thumbs.db", "sub/"]
)
def test_what_is_no_data_may_stand_in_the_manifest(stations: Stations, name: str) -> None:
    """As where it is made of everything that lies in a folder."""
    stations.upload(f"{FOLDER}part-0.csv", PART)
    put(stations, "manifest.json", manifest({"part-0.csv": PART, name: "x"}))
    assert stations.states() == ["RUNNING"]


def test_a_file_that_is_named_twice_is_one_if_both_say_the_same(stations: Stations) -> None:
    stations.upload(f"{FOLDER}part-0.csv", PART)
    [entry] = json.loads(manifest({"part-0.csv": PART}))["files"]
    put(stations, "manifest.json", json.dumps({"files": [entry, entry]}))
    assert stations.states() == ["RUNNING"]
    put(stations, "manifest.json", json.dumps({"files": [entry, {**entry, "size": 3}]}))
    assert "it names part-0.csv twice" in str(
        stations.uploads()[-1]["reason"] + stations.uploads()[0]["reason"]
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"files": []}', "it names no file"),
        (
            '{"files": [{"name": "_SUCCESS", "size": 0, "sha256": "%s"}]}' % ("0" * 64),
            "it names no data file",
        ),
        ('{"files": [], "files": [{"name": "part-0.csv"}]}', "the key 'files' stands twice"),
        (
            '{"files": [{"name": "s3://other/part-0.csv", "size": 1, "sha256": "0"}]}',
            "a path within the folder",
        ),
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
def test_a_manifest_that_is_none_says_what_one_is(stations: Stations, body: str, says: str) -> None:
    stations.upload(f"{FOLDER}part-0.csv")
    put(stations, "manifest.json", body)
    state, reason = told(stations)
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
def test_what_tools_leave_is_no_data(stations: Stations, name: str) -> None:
    assert put(stations, name, "" if name.endswith("/") or not name else "x").startswith("ignored")
    put(stations, "part-0.csv")
    put(stations, "_SUCCESS", "")
    assert stations.states() == ["RUNNING"]
    assert trained_on(stations) == {"part-0.csv"}
    assert put(stations, name, "").startswith("ignored")


@pytest.mark.parametrize(
    "key", ["digits/train/", "digits/train/v1/", "digits/train/v1_$folder$", "digits/train/.DS_Store"]
)
def test_a_placeholder_has_no_record_and_does_not_hide_the_newest_dataset(
    stations: Stations, key: str
) -> None:
    stations.upload("digits/train/w.csv", PART)
    stations.drop(key, "")
    assert stations.uploads() == []
    stations.admission.admit_unseen("digits")
    assert stations.states() == ["RUNNING"]


@pytest.mark.parametrize("empty", ["", "a,b,y\n", "a,b,y"])
def test_an_empty_part_among_full_ones_is_no_defect(stations: Stations, empty: str) -> None:
    stations.upload(f"{FOLDER}part-0.csv", empty)
    stations.upload(f"{FOLDER}part-1.csv", csv_of(1, 100))
    put(stations, "_SUCCESS", "")
    assert stations.states() == ["RUNNING"]
    run = stations.ledger.run("digits", str(stations.uploads()[0]["run_id"]))
    stations.prepare_dataset.prepare(run)
    counts = json.loads(stations.artifacts.read(f"digits/prepared/{run.run_id}/schema.json"))["rows"]
    assert sum(counts.values()) == 100


EMPTY = {
    "part-0.csv.gz": gzip.compress(b""),
    "part-0.csv.zst": zstd.compress(b""),
    "part-0.csv": b"\xef\xbb\xbf",
    "part-0.txt": b" \n\r\n".replace(b" ", b""),
    "part-0.json": b"[]\n",
    "part-0.jsonl": b"\n",
    "part-0.jsonl.gz": gzip.compress(b""),
}


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_part_is_no_defect_in_any_form(stations: Stations, name: str) -> None:
    """Hadoop packs what an empty partition wrote, and a list of no object is one."""
    stations.data.write(f"{FOLDER}{name}", EMPTY[name])
    stations.upload(f"{FOLDER}part-1.csv", csv_of(1, 100))
    bodies = {name: EMPTY[name], "part-1.csv": csv_of(1, 100).encode()}
    entries = [
        {"name": each, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        for each, body in bodies.items()
    ]
    put(stations, "manifest.json", json.dumps({"files": entries}))
    assert stations.states() == ["RUNNING"]
    assert trained_on(stations) == {"part-1.csv"}
    stations.prepare_dataset.prepare(stations.ledger.run("digits", str(stations.uploads()[0]["run_id"])))


@pytest.mark.parametrize("name", EMPTY)
def test_a_file_that_is_empty_in_its_form_and_stands_alone_is_told(stations: Stations, name: str) -> None:
    stations.data.write(f"{FOLDER}{name}", EMPTY[name])
    put(stations, "_SUCCESS", "")
    state, reason = told(stations)
    assert (state, name in reason) == ("INVALID", True)


@pytest.mark.parametrize("empty", ["", "a,b,y\n"])
def test_parts_that_are_all_empty_are_one(stations: Stations, empty: str) -> None:
    stations.upload(f"{FOLDER}part-0.csv", empty)
    stations.upload(f"{FOLDER}part-1.csv", empty)
    put(stations, "_SUCCESS", "")
    assert told(stations)[0] == "INVALID"


def test_an_empty_part_may_stand_in_the_manifest(stations: Stations) -> None:
    files = {"part-0.csv": "", "part-1.csv": PART}
    for name, body in files.items():
        stations.upload(f"{FOLDER}{name}", body)
    put(stations, "manifest.json", manifest(files))
    assert stations.states() == ["RUNNING"]


def test_a_suffix_in_capitals_is_read(stations: Stations) -> None:
    stations.drop("digits/train/WEEK.CSV", PART)
    assert stations.states() == ["RUNNING"]


def test_leftovers_of_code_do_not_travel_and_packages_do(stations: Stations) -> None:
    stations.has_pipeline(training={"kind": "script", "framework": "sklearn", "entry_point": "train.py"})
    for name in (
        "",
        "train.py",
        "lib/__init__.py",
        ".git/config",
        "lib/__pycache__/a.pyc",
        ".DS_Store",
        "lib/",
    ):
        stations.artifacts.write(f"digits/code/{name}", b"x")
    pipeline = stations.snapshots.pipeline(stations.a_run())
    assert set(stations.admission.owner_code._files("digits", pipeline)) == {"train.py", "lib/__init__.py"}


# what is on record is not read again


@dataclass
class Counted(MemoryStorage):
    """A bucket that counts how often objects are read."""

    reads: list[str] = field(default_factory=list)

    def chunks(self, key: str, etag: str = "") -> Iterator[bytes]:
        self.reads.append(key)
        return super().chunks(key, etag)


def test_a_folder_is_read_once_however_many_events_come_after_it_is_closed() -> None:
    stations = Stations()
    data = Counted("data", stations.clock)
    stations.admission = replace(
        stations.admission, data=data, dataset_check=replace(stations.admission.dataset_check, data=data)
    )
    stations.data = data
    stations.has_pipeline()
    keys = [stations.upload(f"{FOLDER}part-{number}.csv", csv_of(number)) for number in range(50)]
    keys.append(stations.upload(f"{FOLDER}_SUCCESS", ""))
    stations.clock.pass_(1)
    for key in keys:
        stations.admission.admit(key)
    assert stations.states() == ["RUNNING"]
    assert Counter(data.reads).most_common(1)[0][1] <= 2  # once to be checked, once to be copied
    assert len(stations.executions.inputs) == 1


def test_a_refused_upload_is_read_again_only_when_it_is_dropped_again(stations: Stations) -> None:
    stations.data = data = Counted("data", stations.clock)
    stations.admission = replace(
        stations.admission, data=data, dataset_check=replace(stations.admission.dataset_check, data=data)
    )
    key = stations.upload("digits/train/v1.csv", "a,b,y\n1,x,0\n")
    stations.clock.pass_(1)
    for _ in range(3):
        assert stations.admission.admit(key).startswith("INVALID")
    assert data.reads == [key]
    stations.clock.pass_(1)
    stations.drop("digits/train/v1.csv", "a,b,y\n1,x,0\n")
    assert data.reads == [key, key]
