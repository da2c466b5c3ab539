"""Batch drops: file by file, once with the champion, and every one of them ends with its reason."""

import json

import pytest

from switchyard.core.batch_drop import Batch
from switchyard.core.ports import Execution
from switchyard.core.run import RunState
from tests.fakes.rooms import PREFIX, Rooms

GOOD = "id,b,a\nx1,2,1\nx2,,3\n"
FEATURES = {"features": ["a", "b"], "target": "y"}


@pytest.fixture
def rooms() -> Rooms:
    """A champion that was trained on a and b is live."""
    rooms = Rooms()
    rooms.artifacts.write("schema.json", json.dumps(FEATURES).encode())
    run = rooms.a_run()
    rooms.champion(run.run_id)
    return rooms


def drop(rooms: Rooms, name: str, body: str = GOOD) -> str:
    return rooms.admit_batch.admit(rooms.upload(f"digits/batch/{name}", body))


def batches(rooms: Rooms) -> list[Batch]:
    return [Batch.from_dict(json.loads(str(item["batch"]))) for item in rooms.ledger.batches("digits")]


def told(rooms: Rooms) -> dict[str, tuple[str, str]]:
    """(state, reason) by name of every batch drop."""
    return {
        str(u["source"]).partition("/batch/")[2]: (str(u["state"]), str(u["reason"]))
        for u in rooms.ledger.uploads("digits")
        if "/batch/" in str(u["source"])
    }


def play(rooms: Rooms, batch: Batch, **predictions: str) -> None:
    """The transform machine, with a job that leaves these predictions."""
    rooms.transform_drop.transform(batch, "t")
    for name, body in predictions.items():
        rooms.artifacts.write(f"{batch.folder}predictions/{name}.csv.out", body.encode())
    outcome = rooms.transform_drop.collect(batch, "" if predictions else "the job failed")
    rooms.executions.transforms[batch.batch_id] = Execution("SUCCEEDED", {"outcome": outcome}, "")
    rooms.settle_batch.ended(batch)


def test_a_drop_is_written_as_the_champion_reads_it_and_its_transform_starts(rooms: Rooms) -> None:
    drop(rooms, "monday.csv")
    [batch] = batches(rooms)
    assert rooms.artifacts.read(f"{batch.folder}input/monday.csv") == b"1,2\n3,\n"
    assert list(rooms.executions.transforms) == [batch.batch_id]
    assert told(rooms)["monday.csv"][0] == "RUNNING"


def test_the_manifest_names_the_model_the_run_and_digests(rooms: Rooms) -> None:
    drop(rooms, "monday.csv")
    [batch] = batches(rooms)
    play(rooms, batch, monday="0.1\n0.2\n")
    manifest = json.loads(rooms.artifacts.read(f"{batch.folder}manifest.json"))
    assert (manifest["model"], manifest["champion"]) == ("digits", batch.champion)
    assert manifest["artifact_sha256"] == batch.artifact_sha256
    [file] = manifest["files"]
    assert (file["name"], file["rows"], len(file["sha256"])) == ("monday.csv", 2, 64)
    assert file["prediction"] == f"s3://artifacts/{batch.folder}predictions/monday.csv.out"
    assert told(rooms)["monday.csv"] == ("SCORED", "1 files, 2 rows")


def test_the_same_drop_twice_is_one_transform(rooms: Rooms) -> None:
    drop(rooms, "monday.csv")
    drop(rooms, "monday.csv")
    drop(rooms, "tuesday.csv")
    assert len(rooms.executions.transforms) == 1
    play(rooms, batches(rooms)[0], monday="0.1\n0.2\n")
    assert {state for state, _ in told(rooms).values()} == {"SCORED"}


def test_a_file_with_a_bad_row_is_named_and_the_files_beside_it_go_on(rooms: Rooms) -> None:
    rooms.upload("digits/batch/week/monday.csv", GOOD)
    rooms.upload("digits/batch/week/tuesday.csv", "a,b\n1,2\n3,cat\n")
    drop(rooms, "week/_SUCCESS", "")
    [batch] = batches(rooms)
    play(rooms, batch, monday="0.1\n0.2\n")
    state, reason = told(rooms)["week/"]
    assert state == "PARTLY_SCORED"
    assert "1 of 2 files were scored; tuesday.csv: row 3, column 'b': not a finite number" in reason
    assert "cat" not in reason


def test_words_are_handed_on_as_numbers_and_ids_as_they_stand(rooms: Rooms) -> None:
    drop(rooms, "monday.csv", "id,b,a\nNA,True, 1\nyes,?,null\n")
    [batch] = batches(rooms)
    assert rooms.artifacts.read(f"{batch.folder}input/monday.csv") == b"1,1\n,\n"


def test_what_tools_leave_beside_a_drop_is_not_scored(rooms: Rooms) -> None:
    for name in ("", ".monday.csv.crc", "_committed_7", "empty.csv"):
        rooms.upload(f"digits/batch/week/{name}", "")
    rooms.upload("digits/batch/week/monday.csv", GOOD)
    drop(rooms, "week/_SUCCESS", "")
    [batch] = batches(rooms)
    play(rooms, batch, monday="0.1\n0.2\n")
    assert told(rooms)["week/"] == ("SCORED", "1 files, 2 rows")


def test_a_drop_whose_marker_came_first_waits(rooms: Rooms) -> None:
    drop(rooms, "week/_SUCCESS", "")
    drop(rooms, "week/monday.csv")
    assert told(rooms)["week/"][0] == "INCOMPLETE"
    assert batches(rooms) == []


def test_a_file_that_the_model_refuses_is_named_too(rooms: Rooms) -> None:
    rooms.upload("digits/batch/week/monday.csv", GOOD)
    rooms.upload("digits/batch/week/tuesday.csv", "a,b\n1,9\n")
    drop(rooms, "week/_SUCCESS", "")
    play(rooms, batches(rooms)[0], monday="0.1\n0.2\n")
    assert "tuesday.csv: the model could not score it" in told(rooms)["week/"][1]


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
def test_a_drop_without_a_sound_file_is_invalid(rooms: Rooms, body: str, reason: str) -> None:
    drop(rooms, "bad.csv", body)
    state, said = told(rooms)["bad.csv"]
    assert state == "INVALID"
    assert f"bad.csv: {reason}" in said
    assert rooms.executions.transforms == {}


def test_a_folder_waits_until_it_is_closed(rooms: Rooms) -> None:
    drop(rooms, "week/monday.csv")
    assert told(rooms)["week/"][0] == "INCOMPLETE"
    drop(rooms, "week/_SUCCESS", "")
    assert [state for state, _ in told(rooms).values()] == ["RUNNING"]


def test_a_job_that_scores_nothing_fails_the_drop_with_its_reason(rooms: Rooms) -> None:
    drop(rooms, "monday.csv")
    play(rooms, batches(rooms)[0])
    assert told(rooms)["monday.csv"] == (
        "FAILED",
        "no file was scored: monday.csv: the model could not score it: the job failed",
    )


def test_dropped_again_a_failed_drop_is_tried_again_and_a_scored_one_is_scored_by_the_new_champion(
    rooms: Rooms,
) -> None:
    drop(rooms, "monday.csv")
    play(rooms, batches(rooms)[0])
    drop(rooms, "monday.csv")
    second = batches(rooms)[-1]
    assert second.batch_id.endswith("-r2")
    play(rooms, second, monday="0.1\n0.2\n")
    drop(rooms, "monday.csv")
    assert len(batches(rooms)) == 2
    rooms.champion("digits-another00000")
    drop(rooms, "monday.csv")
    third = batches(rooms)[-1]
    assert (third.batch_id[-3:], third.champion) == ("-r3", "digits-another00000")


def test_an_event_that_comes_again_late_scores_nothing_again(rooms: Rooms) -> None:
    key = rooms.upload("digits/batch/monday.csv", GOOD)
    rooms.admit_batch.admit(key)
    rooms.clock.pass_(1)
    play(rooms, batches(rooms)[0], monday="0.1\n0.2\n")
    rooms.champion("digits-another00000")
    rooms.admit_batch.admit(key)
    assert len(batches(rooms)) == 1


def test_before_the_first_champion_drops_wait_and_the_sweep_sends_them_again() -> None:
    rooms = Rooms()
    rooms.has_pipeline()
    drop(rooms, "monday.csv")
    drop(rooms, "week/_SUCCESS", "")
    assert told(rooms)["monday.csv"][0] == "WAITING"
    assert not rooms.arrivals.sent
    rooms.champion()
    rooms.sweep.sweep()
    assert "digits/batch/monday.csv" in rooms.arrivals.sent


def test_the_sweep_starts_what_never_started_and_settles_what_ended_unseen(rooms: Rooms) -> None:
    drop(rooms, "monday.csv")
    [batch] = batches(rooms)
    rooms.executions.transforms.clear()
    assert any("never started" in line for line in rooms.sweep.sweep())
    rooms.executions.transforms[batch.batch_id] = Execution("ABORTED", {}, "stopped by ann")
    assert any("settled as ABORTED" in line for line in rooms.sweep.sweep())
    assert told(rooms)["monday.csv"] == ("ABORTED", "stopped by ann")


def test_an_aborted_drop_s_job_is_stopped_and_its_token_forgotten(rooms: Rooms) -> None:
    drop(rooms, "monday.csv")
    [batch] = batches(rooms)
    rooms.transform_drop.transform(batch, "t")
    rooms.executions.transforms[batch.batch_id] = Execution("ABORTED", {}, "")
    assert rooms.settle_batch.ended(batch) is RunState.ABORTED
    assert rooms.control.transforms[batch.job(PREFIX)]["TransformJobStatus"] == "Stopping"
    assert rooms.ledger.waits(f"transform-job/{batch.job(PREFIX)}") == []


def test_names_fit_sagemaker_s_63_signs() -> None:
    batch = Batch("m" * 24, f"{'m' * 24}-{'a' * 12}-r2", "", "", "", "", "")
    assert (
        len(batch.job("p" * 15)) <= 63 + 3
    )  # the longest prefix with the longest model name and a second try
