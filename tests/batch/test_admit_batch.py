"""Batch drops: file by file, once with the champion, and every one of them ends with its reason."""

import gzip
import json

import pytest

from switchyard.core.batch_drop import Batch
from switchyard.core.ports import Execution
from switchyard.core.run import RunState
from tests.fakes.stations import PREFIX, Stations

GOOD = "id,b,a\nx1,2,1\nx2,,3\n"
FEATURES = {"features": ["a", "b"], "target": "y"}


@pytest.fixture
def stations() -> Stations:
    """A champion that was trained on a and b is live."""
    stations = Stations()
    stations.artifacts.write("schema.json", json.dumps(FEATURES).encode())
    run = stations.a_run()
    stations.champion(run.run_id)
    return stations


def drop(stations: Stations, name: str, body: str = GOOD) -> str:
    return stations.admit_batch.admit(stations.upload(f"digits/batch/{name}", body))


def batches(stations: Stations) -> list[Batch]:
    return [Batch.from_dict(json.loads(str(item["batch"]))) for item in stations.ledger.batches("digits")]


def told(stations: Stations) -> dict[str, tuple[str, str]]:
    """(state, reason) by name of every batch drop."""
    return {
        str(u["source"]).partition("/batch/")[2]: (str(u["state"]), str(u["reason"]))
        for u in stations.ledger.uploads("digits")
        if "/batch/" in str(u["source"])
    }


def play(stations: Stations, batch: Batch, **predictions: str) -> None:
    """The transform machine, with a job that leaves these predictions."""
    stations.transform_drop.transform(batch, "t")
    for name, body in predictions.items():
        stations.artifacts.write(f"{batch.folder}predictions/{name}.csv.out", body.encode())
    outcome = stations.transform_drop.collect(batch, "" if predictions else "the job failed")
    stations.executions.transforms[batch.batch_id] = Execution("SUCCEEDED", {"outcome": outcome}, "")
    stations.settle_batch.ended(batch)


def test_a_drop_is_written_as_the_champion_reads_it_and_its_transform_starts(stations: Stations) -> None:
    drop(stations, "monday.csv")
    [batch] = batches(stations)
    assert stations.artifacts.read(f"{batch.folder}input/monday.csv") == b"1,2\n3,\n"
    assert list(stations.executions.transforms) == [batch.batch_id]
    assert told(stations)["monday.csv"][0] == "RUNNING"


def test_the_manifest_names_the_model_the_run_and_digests(stations: Stations) -> None:
    drop(stations, "monday.csv")
    [batch] = batches(stations)
    play(stations, batch, monday="0.1\n0.2\n")
    manifest = json.loads(stations.artifacts.read(f"{batch.folder}manifest.json"))
    assert (manifest["model"], manifest["champion"]) == ("digits", batch.champion)
    assert manifest["artifact_sha256"] == batch.artifact_sha256
    [file] = manifest["files"]
    assert (file["name"], file["rows"], len(file["sha256"])) == ("monday.csv", 2, 64)
    assert file["prediction"] == f"s3://artifacts/{batch.folder}predictions/monday.csv.out"
    assert told(stations)["monday.csv"] == ("SCORED", "1 files, 2 rows")


def test_the_same_drop_twice_is_one_transform(stations: Stations) -> None:
    drop(stations, "monday.csv")
    drop(stations, "monday.csv")
    drop(stations, "tuesday.csv")
    assert len(stations.executions.transforms) == 1
    play(stations, batches(stations)[0], monday="0.1\n0.2\n")
    assert {state for state, _ in told(stations).values()} == {"SCORED"}


def test_a_file_with_a_bad_row_is_named_and_the_files_beside_it_go_on(stations: Stations) -> None:
    stations.upload("digits/batch/week/monday.csv", GOOD)
    stations.upload("digits/batch/week/tuesday.csv", "a,b\n1,2\n3,cat\n")
    drop(stations, "week/_SUCCESS", "")
    [batch] = batches(stations)
    play(stations, batch, monday="0.1\n0.2\n")
    state, reason = told(stations)["week/"]
    assert state == "PARTLY_SCORED"
    assert "1 of 2 files were scored; tuesday.csv: row 3, column 'b': not a finite number" in reason
    assert "cat" not in reason


DROPS = {
    "a,a,b\n1,2,3\n": "row 1: a column name occurs twice: 'a'; give every column its own name",
    "a,b\n1,2\na,b\n3,4\n": "row 3: it repeats the header, as where files were joined; remove it",
    "1,2\n3,4\n": "the first line holds values; write a header above it",
    "made on Monday,\na,b\n1,2\n": "take out what stands above the header in row 2",
    '"a,b"\n"1,2"\n': "quotes stand around the whole line; take them out of every line",
    "a^b\n1^2\n": "the columns are separated by '^', and commas are read",
    "a,b\n1,2\n\ufeffa, b\n": "row 3: it repeats the header, as where files were joined; remove it",
    "a,b\n1\n": "row 2: 1 fields where the header has 2; correct or remove the row",
    "a,b,\n1,2\n": "row 2: 2 fields where the header has 3; a separator ends the header",
}


@pytest.mark.parametrize("body", DROPS)
def test_what_is_wrong_with_a_drop_is_told_as_at_the_door_of_datasets(stations: Stations, body: str) -> None:
    drop(stations, "monday.csv", body)
    state, reason = told(stations)["monday.csv"]
    assert (state, DROPS[body] in reason) == ("INVALID", True), reason


def test_a_column_twice_that_no_model_reads_is_no_defect(stations: Stations) -> None:
    drop(stations, "monday.csv", "x,x,a,b\n1,2,3,4\n")
    assert told(stations)["monday.csv"][0] == "RUNNING"


def test_words_are_handed_on_as_numbers_and_ids_as_they_stand(stations: Stations) -> None:
    drop(stations, "monday.csv", "id,b,a\nNA,True, 1\nyes,?,null\n")
    [batch] = batches(stations)
    assert stations.artifacts.read(f"{batch.folder}input/monday.csv") == b"1,1\n,\n"


def test_what_tools_leave_beside_a_drop_is_not_scored(stations: Stations) -> None:
    for name in ("", ".monday.csv.crc", "_committed_7", "empty.csv"):
        stations.upload(f"digits/batch/week/{name}", "")
    stations.upload("digits/batch/week/monday.csv", GOOD)
    drop(stations, "week/_SUCCESS", "")
    [batch] = batches(stations)
    play(stations, batch, monday="0.1\n0.2\n")
    assert told(stations)["week/"] == ("SCORED", "1 files, 2 rows")


WITHOUT_ROWS = pytest.mark.parametrize(
    "empty",
    [b"a,b\n", gzip.compress(b""), b"\xef\xbb\xbf", b"\n"],
    ids=["header alone", "gzip of nothing", "byte order mark", "line end"],  # gzip writes what time it is
)


@WITHOUT_ROWS
def test_a_file_without_rows_beside_full_ones_is_no_defect(stations: Stations, empty: bytes) -> None:
    stations.upload("digits/batch/week/monday.csv", GOOD)
    stations.data.write("digits/batch/week/part-0.csv", empty)
    drop(stations, "week/_SUCCESS", "")
    [batch] = batches(stations)
    play(stations, batch, monday="0.1\n0.2\n")
    assert told(stations)["week/"] == ("SCORED", "1 files, 2 rows")


@WITHOUT_ROWS
def test_a_drop_of_files_without_rows_is_told(stations: Stations, empty: bytes) -> None:
    for name in ("monday.csv", "part-0.csv"):
        stations.data.write(f"digits/batch/week/{name}", empty)
    drop(stations, "week/_SUCCESS", "")
    state, reason = told(stations)["week/"]
    assert (state, reason[:10]) == ("INVALID", "monday.csv")


def test_a_drop_whose_marker_came_first_waits(stations: Stations) -> None:
    drop(stations, "week/_SUCCESS", "")
    drop(stations, "week/monday.csv")
    assert told(stations)["week/"][0] == "INCOMPLETE"
    assert batches(stations) == []


def test_a_file_that_the_model_refuses_is_named_too(stations: Stations) -> None:
    stations.upload("digits/batch/week/monday.csv", GOOD)
    stations.upload("digits/batch/week/tuesday.csv", "a,b\n1,9\n")
    drop(stations, "week/_SUCCESS", "")
    play(stations, batches(stations)[0], monday="0.1\n0.2\n")
    assert "tuesday.csv: the model could not score it" in told(stations)["week/"][1]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("a\n1\n", "row 1: 1 of the 2 columns that the model was trained on are missing, the first is 'b'"),
        ("a,b\n1\n", "row 2: 1 fields where the header has 2"),
        ("a,b\n", "the file has a header but no rows"),
        ("", "the file is empty"),
        ("a,b\n1,2\n1_0,2\n", "row 3, column 'a': not a finite number: it looks like digits joined by `_`"),
        ('a,b\n1,"2\n"\n', "row 2, column 'b': not a finite number: there is a line feed in the field"),
        ("a,b\n1,\u0663\n", "row 2, column 'b': not a finite number: its digits are not 0 to 9"),
        ("a,b\n1,1e39\n", "row 2, column 'b': the number is too large for 32-bit floating point"),
        ("a,b\n1,inf\n", "row 2, column 'b': not a finite number"),
    ],
)
def test_a_drop_without_a_sound_file_is_invalid(stations: Stations, body: str, reason: str) -> None:
    drop(stations, "bad.csv", body)
    state, said = told(stations)["bad.csv"]
    assert state == "INVALID"
    assert f"bad.csv: {reason}" in said
    assert stations.executions.transforms == {}


def test_a_folder_waits_until_it_is_closed(stations: Stations) -> None:
    drop(stations, "week/monday.csv")
    assert told(stations)["week/"][0] == "INCOMPLETE"
    drop(stations, "week/_SUCCESS", "")
    assert [state for state, _ in told(stations).values()] == ["RUNNING"]


def test_a_job_that_scores_nothing_fails_the_drop_with_its_reason(stations: Stations) -> None:
    drop(stations, "monday.csv")
    play(stations, batches(stations)[0])
    assert told(stations)["monday.csv"] == (
        "FAILED",
        "no file was scored: monday.csv: the model could not score it: the job failed",
    )


def test_dropped_again_a_failed_drop_is_tried_again_and_a_scored_one_is_scored_by_the_new_champion(
    stations: Stations,
) -> None:
    drop(stations, "monday.csv")
    play(stations, batches(stations)[0])
    drop(stations, "monday.csv")
    second = batches(stations)[-1]
    assert second.batch_id.endswith("-r2")
    play(stations, second, monday="0.1\n0.2\n")
    drop(stations, "monday.csv")
    assert len(batches(stations)) == 2
    stations.champion("digits-another00000")
    drop(stations, "monday.csv")
    third = batches(stations)[-1]
    assert (third.batch_id[-3:], third.champion) == ("-r3", "digits-another00000")


def test_an_event_that_comes_again_late_scores_nothing_again(stations: Stations) -> None:
    key = stations.upload("digits/batch/monday.csv", GOOD)
    stations.admit_batch.admit(key)
    stations.clock.pass_(1)
    play(stations, batches(stations)[0], monday="0.1\n0.2\n")
    stations.champion("digits-another00000")
    stations.admit_batch.admit(key)
    assert len(batches(stations)) == 1


def test_before_the_first_champion_drops_wait_and_the_sweep_sends_them_again() -> None:
    stations = Stations()
    stations.has_pipeline()
    drop(stations, "monday.csv")
    drop(stations, "week/_SUCCESS", "")
    assert told(stations)["monday.csv"][0] == "WAITING"
    assert not stations.arrivals.sent
    stations.champion()
    stations.sweep.sweep()
    assert "digits/batch/monday.csv" in stations.arrivals.sent


def test_the_sweep_starts_what_never_started_and_settles_what_ended_unseen(stations: Stations) -> None:
    drop(stations, "monday.csv")
    [batch] = batches(stations)
    stations.executions.transforms.clear()
    assert any("never started" in line for line in stations.sweep.sweep())
    stations.executions.transforms[batch.batch_id] = Execution("ABORTED", {}, "stopped by ann")
    assert any("settled as ABORTED" in line for line in stations.sweep.sweep())
    assert told(stations)["monday.csv"] == ("ABORTED", "stopped by ann")


def test_an_aborted_drop_s_job_is_stopped_and_its_token_forgotten(stations: Stations) -> None:
    drop(stations, "monday.csv")
    [batch] = batches(stations)
    stations.transform_drop.transform(batch, "t")
    stations.executions.transforms[batch.batch_id] = Execution("ABORTED", {}, "")
    assert stations.settle_batch.ended(batch) is RunState.ABORTED
    assert stations.control.transforms[batch.job(PREFIX)]["TransformJobStatus"] == "Stopping"
    assert stations.ledger.waits(f"transform-job/{batch.job(PREFIX)}") == []


def test_names_fit_sagemaker_s_63_signs() -> None:
    batch = Batch("m" * 24, f"{'m' * 24}-{'a' * 12}-r2", "", "", "", "", "")
    # The longest prefix with the longest model name and a second try.
    assert len(batch.job("p" * 15)) <= 63 + 3
