"""Records from the snapshot to what a training job is given, the holdout by content, and both models' answers."""

import csv
import io
import json
from hashlib import sha256
from typing import Any

import pytest

from switchyard.aws.jobs import _channel
from switchyard.core.run import Run
from switchyard.evaluation.score_chunk import ScoreChunk
from tests.fakes.flow import FakeScorer
from tests.fakes.pipelines import pipeline
from tests.fakes.stations import Stations

SCRIPT = {"kind": "script", "framework": "sklearn", "entry_point": "train.py"}
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def pets(stations: Stations) -> Stations:
    stations.has_pipeline("pets", data={"kind": "records"}, training=SCRIPT, evaluation={"minimum_rows": 2})
    stations.artifacts.write("pets/code/train.py", b"print()")
    return stations


def many(count: int, classes: tuple[str, ...] = ("cat", "dog")) -> dict[str, bytes]:
    return {f"{classes[n % 2]}/{n}.png": PNG + str(n).encode() for n in range(count)}


def admitted(stations: Stations, files: dict[str, bytes], version: str = "v1") -> Run:
    for name, body in files.items():
        stations.data.write(f"pets/train/{version}/{name}", body)
    stations.clock.pass_(1)
    stations.data.write(f"pets/train/{version}/_SUCCESS", b"")
    stations.admission.admit(f"pets/train/{version}/_SUCCESS")
    [upload] = [each for each in stations.uploads("pets") if f"/{version}/" in str(each["source"])]
    return stations.ledger.run("pets", str(upload["run_id"]))


def listed(stations: Stations, run: Run, side: str) -> list[str]:
    first, *names = json.loads(stations.artifacts.read(f"pets/prepared/{run.run_id}/{side}.manifest"))
    assert first == {"prefix": "s3://artifacts/pets/snapshots/records/"}
    assert all(stations.artifacts.exists(f"pets/snapshots/records/{name}") for name in names)
    return list(names)


def labelled(stations: Stations, run: Run, side: str) -> dict[str, str]:
    body = stations.artifacts.read(f"pets/prepared/{run.run_id}/labels/{side}.csv").decode()
    return {name: label for label, name in csv.reader(io.StringIO(body))}


def held(stations: Stations, key: str) -> list[str]:
    return [row[1] for row in csv.reader(io.StringIO(stations.artifacts.read(key).decode()))][1:]


def test_each_side_is_a_list_of_objects_with_their_labels_beside_it(pets: Stations) -> None:
    files = many(200)
    run = admitted(pets, files)
    made = pets.prepare_dataset.prepare(run)
    assert made["channels"] == ["train", "validation", "labels", "contract"]
    names = {f"{sha256(body).hexdigest()}.png": "01"[name.startswith("dog")] for name, body in files.items()}
    sides = {side: listed(pets, run, side) for side in ("train", "validation")}
    for side, found in sides.items():
        assert labelled(pets, run, side) == {name: names[name] for name in found}
    own = held(pets, f"pets/prepared/{run.run_id}/holdout.csv")
    assert len(own) == 40
    assert sorted([*sides["train"], *sides["validation"], *own]) == sorted(names)


def test_a_held_out_record_is_held_out_whatever_is_said_of_it(pets: Stations) -> None:
    first = admitted(pets, many(200))
    pets.prepare_dataset.prepare(first)
    pets.snapshots.adopt(first)
    second = admitted(pets, many(260, ("dog", "cat")), "v2")
    pets.prepare_dataset.prepare(second)
    trained = {*listed(pets, second, "train"), *listed(pets, second, "validation")}
    own = held(pets, "pets/holdout/holdout.csv")
    assert len(own) == 40
    assert trained.isdisjoint(own)
    assert len(trained) == 220


def test_the_job_is_given_the_list_as_a_manifest_and_the_rest_as_folders(pets: Stations) -> None:
    run = admitted(pets, many(200))
    channels = pets.prepare_dataset.prepare(run)["channels"]
    pets.start_training.start(run, channels, "token")
    prepared = f"s3://artifacts/pets/prepared/{run.run_id}/"
    [job] = pets.control.jobs.values()
    assert job["Channels"] == {
        "train": f"{prepared}train.manifest",
        "validation": f"{prepared}validation.manifest",
        "labels": f"{prepared}labels/",
        "contract": f"{prepared}contract/",
    }


def test_a_manifest_is_sagemakers_manifest_file() -> None:
    training = pipeline().training
    objects = _channel("train", "s3://b/train.manifest", training)
    assert objects == {
        "ChannelName": "train",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "ManifestFile",
                "S3Uri": "s3://b/train.manifest",
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }
    assert (
        _channel("train", "s3://b/train/", training)["DataSource"]["S3DataSource"]["S3DataType"] == "S3Prefix"
    )


def test_both_models_are_asked_with_the_records_bytes_and_content_type(pets: Stations) -> None:
    asked: list[tuple[str, str]] = []

    def give(variant: str, said: str) -> tuple[float, ...]:
        asked.append((variant, said))
        return (0.9,)

    first = admitted(pets, many(200))
    made = pets.prepare_dataset.prepare(first)
    alpha: dict[str, Any] = {
        "via": "alpha",
        "endpoint": "a",
        "champion": "old",
        "champion_schema": made["schema"],
    }
    scoring = ScoreChunk(pets.artifacts, pets.snapshots, FakeScorer(give))
    [chunk] = made["chunks"]["items"]
    scoring.score(first, made["schema"], alpha, chunk)
    own = held(pets, f"pets/prepared/{first.run_id}/holdout.csv")
    bodies = [pets.artifacts.read(f"pets/snapshots/records/{name}") for name in own]
    for variant in ("old", first.run_id):
        assert [said for who, said in asked if who == variant] == [f"image/png {body!r}" for body in bodies]
