"""Bad input: nothing is lost, nothing runs, and the ledger says which file, which row and why."""

import hashlib
import json
from typing import Any

import pytest

from tests.fakes.stations import SOUND, Stations, csv_of

HEAD = "a,b,y\n"
BOMB = "name: digits\ntarget: y\nx: &a [1,1]\nz: [*a,*a]\n"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(
            "a,b,y\n1,2,0\n1,2\n", "v1.csv: row 3: 2 fields where the header has 3", id="ragged row"
        ),
        pytest.param(
            "a,b,y\n1,2,0\n1,2,3,1\n", "v1.csv: row 3: 4 fields where the header has 3", id="a field too many"
        ),
        pytest.param(
            "a,b,z\n1,2,0\n", "v1.csv: row 1: the target column 'y' is missing; found a, b, z", id="no target"
        ),
        pytest.param(
            "a,b,y\n1,2,0\n1,2,nan\n", "v1.csv: row 3, column 'y': the target is missing", id="NaN label"
        ),
        pytest.param(
            "a,b,y\n1,2,0\n1,2,\n", "v1.csv: row 3, column 'y': the target is missing", id="empty label"
        ),
        pytest.param(
            "a,b,y\n1,2,inf\n",
            "v1.csv: row 2, column 'y': the target is not a finite number",
            id="infinite label",
        ),
        pytest.param(
            "a,b,y\n1,oops,0\n1,2,1\n", "v1.csv: row 2, column 'b': not a finite number", id="a word"
        ),
        pytest.param(
            "a,b,y\n1,=cmd(),0\n1,2,1\n", "v1.csv: row 2, column 'b': not a finite number", id="a formula"
        ),
        pytest.param("", "v1.csv: the file is empty", id="empty file"),
        pytest.param(HEAD, "v1.csv: the file has a header but no rows", id="only a header"),
        pytest.param("y\n1\n0\n", "v1.csv: row 1: there is no feature column", id="only a target"),
        pytest.param("a,a,y\n1,2,0\n", "v1.csv: row 1: a column name occurs twice", id="a name twice"),
        pytest.param(
            f"{'a' * 129},b,y\n1,2,0\n",
            "v1.csv: row 1: a column name is over 128 characters: shorten it (column 1)",
            id="long name",
        ),
        pytest.param(
            "a\x07,b,y\n1,2,0\n", "v1.csv: row 1: a column name is unprintable", id="a bell in a name"
        ),
        pytest.param('a,b,y\n1,"2,0\n', "v1.csv: row 2: not readable as CSV", id="an open quote"),
        pytest.param("a,b,y\n1,2,1\n1,2,1\n", "the target has only one value in 2 rows", id="one class"),
    ],
)
def test_a_bad_file(stations: Stations, body: str, reason: str) -> None:
    stations.has_pipeline()
    stations.drop("digits/train/v1.csv", body)
    refused(stations, reason)


def refused(stations: Stations, reason: str, model: str = "digits") -> None:
    """The one upload is INVALID with this reason, nothing was snapshotted and nothing started."""
    [upload] = stations.uploads(model)
    assert upload["state"] == "INVALID"
    assert reason in str(upload["reason"])
    assert stations.ledger.runs(model) == []
    assert stations.executions.inputs == {}
    assert not any("/snapshots/" in key for key in stations.artifacts.objects)


def test_bytes_that_are_no_text(stations: Stations) -> None:
    stations.has_pipeline()
    stations.data.write("digits/train/v1.csv", HEAD.encode() + b"1,\xff\xfe\x00\x01,0\n")
    stations.admission.admit("digits/train/v1.csv")
    refused(stations, "v1.csv: row 2, column 'b': there is a NUL byte in it")


def test_a_null_byte(stations: Stations) -> None:
    stations.has_pipeline()
    stations.drop("digits/train/v1.csv", HEAD + "1,2\0,0\n")
    refused(stations, "v1.csv: row 2")


@pytest.mark.parametrize("name", ["v1.orc", "v1.csv.bz2", "v1.xlsx", "v1.md"])
def test_another_format(stations: Stations, name: str) -> None:
    stations.has_pipeline()
    stations.drop(f"digits/train/{name}")
    refused(stations, f"digits/train/{name}: only tables are read: .csv, ")


def test_more_than_one_lambda_can_read(stations: Stations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchyard.intake.check_dataset.MAX_DATASET_BYTES", 100)
    stations.has_pipeline()
    stations.drop("digits/train/v1.csv")
    refused(stations, f"digits/train/v1.csv: {len(SOUND)} bytes; at most 100 are taken at once")


# folders


def manifest_of(files: dict[str, str], **wrong: Any) -> str:
    entries = [
        {"name": name, "size": len(body), "sha256": hashlib.sha256(body.encode()).hexdigest()} | wrong
        for name, body in files.items()
    ]
    return json.dumps({"files": entries})


def test_a_folder_without_a_marker_waits_and_says_for_what(stations: Stations) -> None:
    stations.has_pipeline()
    stations.drop("digits/train/v1/a.csv", csv_of(1))
    stations.drop("digits/train/v1/b.csv", csv_of(2))
    [upload] = stations.uploads()
    assert upload["state"] == "INCOMPLETE"
    assert "waiting for digits/train/v1/_SUCCESS or digits/train/v1/manifest.json (2 files so far)" in str(
        upload["reason"]
    )
    assert stations.executions.inputs == {}


def test_a_manifest_that_names_what_is_not_there_waits(stations: Stations) -> None:
    stations.has_pipeline()
    files = {"a.csv": csv_of(1), "b.csv": csv_of(2)}
    stations.drop("digits/train/v1/a.csv", files["a.csv"])
    stations.drop("digits/train/v1/manifest.json", manifest_of(files))
    [upload] = stations.uploads()
    assert (upload["state"], upload["reason"]) == ("INCOMPLETE", "waiting for b.csv named in manifest.json")
    stations.drop("digits/train/v1/b.csv", files["b.csv"])
    assert stations.states() == ["RUNNING"]


def test_a_manifest_that_says_otherwise_than_the_file(stations: Stations) -> None:
    stations.has_pipeline()
    stations.upload("digits/train/v1/a.csv", csv_of(1))
    stations.drop("digits/train/v1/manifest.json", manifest_of({"a.csv": csv_of(1)}, sha256="0" * 64))
    refused(stations, "manifest.json says")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"files": 3}',
        '{"files": [{"name": "a.csv"}]}',
        '{"files": [{"name": 1, "size": "x", "sha256": 0}]}',
        "\ud800",
    ],
)
def test_a_manifest_that_is_none(stations: Stations, body: str) -> None:
    stations.has_pipeline()
    stations.upload("digits/train/v1/a.csv", csv_of(1))
    stations.data.write("digits/train/v1/manifest.json", body.encode(errors="surrogatepass"))
    stations.admission.admit("digits/train/v1/manifest.json")
    refused(stations, "digits/train/v1/manifest.json: expected")


def test_a_closed_folder_without_data(stations: Stations) -> None:
    stations.has_pipeline()
    stations.drop("digits/train/v1/_SUCCESS", "")
    [upload] = stations.uploads()
    assert upload["state"] == "INCOMPLETE"
    assert "waiting for files: _SUCCESS lies there alone" in str(upload["reason"])


def test_files_of_one_folder_with_other_columns(stations: Stations) -> None:
    stations.has_pipeline()
    stations.upload("digits/train/v1/a.csv", csv_of(1))
    stations.upload("digits/train/v1/b.csv", "a,c,y\n1,2,0\n")
    stations.drop("digits/train/v1/_SUCCESS", "")
    refused(stations, "b.csv: row 1: its columns differ from those of a.csv")


def test_the_file_of_a_folder_is_named(stations: Stations) -> None:
    stations.has_pipeline()
    stations.upload("digits/train/v1/part/a.csv", "a,b,y\n1,2\n")
    stations.drop("digits/train/v1/_SUCCESS", "")
    refused(stations, "part/a.csv: row 2: 2 fields")


def test_an_incomplete_folder_that_turns_out_bad_leaves_one_record(stations: Stations) -> None:
    stations.has_pipeline()
    stations.drop("digits/train/v1/a.csv", "a,b,y\n1,2\n")
    stations.drop("digits/train/v1/_SUCCESS", "")
    assert stations.states() == ["INVALID"]


# pipeline.yaml


def test_a_model_without_a_pipeline(stations: Stations) -> None:
    stations.drop("digits/train/v1.csv")
    refused(stations, "model digits has no pipeline.yaml; put one at s3://artifacts/digits/pipeline.yaml")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(BOMB, "aliases (*name) are not read", id="aliases"),
        pytest.param(
            "name: !!python/object/apply:os.system ['true']\ntarget: y",
            "not readable as YAML",
            id="a Python tag",
        ),
        pytest.param("name: !!python/name:os.system\ntarget: y", "not readable as YAML", id="a Python name"),
        pytest.param("name: [", "not readable as YAML", id="broken YAML"),
        pytest.param("name: digits\n--- \ntarget: y", "not readable as YAML", id="two documents"),
        pytest.param("", "expected a mapping", id="empty"),
        pytest.param("- name", "expected a mapping", id="a list"),
        pytest.param("x" * 70_000, "at most 65536", id="too long"),
        pytest.param("name: digits", "target: Field required", id="no target"),
        pytest.param(
            "name: digits\ntarget: [y]", "target: Input should be a valid string", id="a list for a name"
        ),
        pytest.param(
            "name: digits\ntarget: y\ncolour: red",
            "colour: Extra inputs are not permitted",
            id="unknown field",
        ),
        pytest.param(
            "name: digits\ntarget: y\ntraining: {instance_count: many}",
            "training.instance_count: Input should be",
            id="a word",
        ),
        pytest.param(
            "name: digits\ntarget: y\ntraining: {kind: magic}",
            "training.kind: Input should be",
            id="unknown kind",
        ),
        pytest.param(
            "name: digits\ntarget: y\ntraining: {image: 'x;rm -rf /'}",
            "training.image: String should match",
            id="an image to inject",
        ),
        pytest.param(
            "name: digits\ntarget: y\ntraining: {max_runtime_seconds: 1e99}",
            "training.max_runtime_seconds",
            id="an endless job",
        ),
        pytest.param(
            "name: other\ntarget: y", "name: 'other' must be the folder's name, 'digits'", id="another name"
        ),
        pytest.param(
            "name: digits\ntarget: y\nrollout: {steps: [50, 10]}", "rollout.steps", id="falling steps"
        ),
        pytest.param(
            "name: digits\ntarget: y\nrollout: {steps: [10, 100]}", "rollout.steps", id="a step of everything"
        ),
        pytest.param("name: digits\ntarget: y\nrollout: {alpha: .nan}", "rollout.alpha", id="NaN as alpha"),
        pytest.param(
            "name: digits\ntarget: y\nrollout: {metrics: {mood: {margin: 0.1}}}",
            "rollout.metrics.mood: cannot be read",
            id="a mood",
        ),
        pytest.param(
            "name: digits\ntarget: y\nproblem: poetry", "problem: Input should be", id="unknown problem"
        ),
        pytest.param(
            "name: digits\ntarget: y\nproblem: 3", "problem: Input should be", id="a number as problem"
        ),
        pytest.param("name: digits\ntarget: y\n2: 3", "", id="a number as field"),
        pytest.param(
            "name: digits\ntarget: y\nevaluation: {minimum_rows: -3}", "evaluation", id="negative rows"
        ),
    ],
)
def test_a_bad_pipeline(stations: Stations, text: str, reason: str) -> None:
    stations.artifacts.write("digits/pipeline.yaml", text.encode())
    stations.drop("digits/train/v1.csv")
    refused(stations, reason)
    assert "digits/pipeline.yaml" in str(stations.uploads()[0]["reason"])


def test_a_pipeline_that_is_no_text(stations: Stations) -> None:
    stations.artifacts.write("digits/pipeline.yaml", b"\xff\xfe")
    stations.drop("digits/train/v1.csv")
    refused(stations, "s3://artifacts/digits/pipeline.yaml: not UTF-8 text")


def test_labels_that_the_named_problem_cannot_have(stations: Stations) -> None:
    stations.has_pipeline(problem="binary")
    stations.drop("digits/train/v1.csv", "a,b,y\n1,2,1\n1,2,2\n1,2,3\n")
    refused(stations, "the target of a binary problem must have two values, and it has classes 1, 2, 3")


# names


@pytest.mark.parametrize(
    "model",
    [
        "Digits",
        "digits_x",
        "-digits",
        "digits-",
        "a--b",
        "d" * 25,
        "../etc",
        "d$(id)",
        "é",
        "a b",
        "a{{b}}",
        "${AWS::Region}",
    ],
)
def test_a_hostile_model_name(stations: Stations, model: str) -> None:
    folder = model.replace("/", "%2F")
    stations.drop(f"{folder}/train/v1.csv")
    refused(stations, "is no model name", folder)


@pytest.mark.parametrize(
    "name",
    ["v1;rm -rf.csv", "$(id).csv", "a'b\".csv", "é ü.csv", "a\nb.csv", "<script>.csv", "#1.csv"],
)
def test_a_hostile_file_name_is_only_a_name(stations: Stations, name: str) -> None:
    stations.has_pipeline()
    stations.drop(f"digits/train/{name}")
    [upload] = stations.uploads()
    assert upload["state"] == "RUNNING"
    assert upload["source"] == f"s3://data/digits/train/{name}"


@pytest.mark.parametrize("name", ["../../other/pipeline.yaml.csv", "../manifest.csv", "..", "a/../../b.csv"])
def test_a_path_that_climbs_stays_in_its_snapshot(stations: Stations, name: str) -> None:
    stations.has_pipeline()
    stations.upload(f"digits/train/v1/{name}", SOUND)
    stations.drop("digits/train/v1/_SUCCESS", "")
    written = [key for key in stations.artifacts.objects if key != "digits/pipeline.yaml"]
    assert all(key.startswith("digits/snapshots/") for key in written)


@pytest.mark.parametrize(
    "key",
    ["digits/labels/a.jsonl", "digits/batch/a.csv", "digits/batch/train/a.csv", "digits/train/", "/train//"],
)
def test_what_another_door_reads_is_not_this_ones(stations: Stations, key: str) -> None:
    assert stations.drop(key).startswith("ignored")
    assert stations.items.rows == {}


def test_a_reason_holds_no_value_of_a_row(stations: Stations) -> None:
    stations.has_pipeline()
    stations.drop("digits/train/v1.csv", "a,b,y\n1,jane.doe@example.com,0\n")
    assert "jane" not in str(stations.items.rows)


def test_one_model_s_bad_input_is_no_other_model_s_affair(stations: Stations) -> None:
    stations.has_pipeline("digits")
    stations.has_pipeline("cancer")
    stations.drop("digits/train/v1.csv", "nonsense")
    stations.drop("cancer/train/v1.csv")
    assert (stations.states("digits"), stations.states("cancer")) == (["INVALID"], ["RUNNING"])


def test_a_mended_file_under_the_same_name_is_a_new_upload(stations: Stations) -> None:
    stations.has_pipeline()
    stations.drop("digits/train/v1.csv", "a,b,y\n1,2\n")
    stations.drop("digits/train/v1.csv", SOUND)
    assert stations.states() == ["INVALID", "RUNNING"]


def test_a_live_endpoint_s_mode_is_not_changed_under_it(stations: Stations) -> None:
    stations.champion(mode="realtime")
    stations.has_pipeline(deployment={"mode": "serverless"})
    answer = stations.drop("digits/train/v1.csv")
    assert "the model is live as realtime" in answer
    assert "give the serverless model a name of its own" in answer
    assert stations.executions.running == []
