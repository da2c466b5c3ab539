"""Frozen code, tables that are made first, searches, baselines and leaks: from the drop to the answer."""

import io
import json
import tarfile
from typing import Any

import pytest

from switchyard.core.errors import InvalidDatasetError, JobFailedError
from switchyard.core.names import Names
from switchyard.core.run import Run, RunState
from tests.fakes.rooms import PREFIX, Rooms, csv_of

SCRIPT = {"kind": "script", "framework": "sklearn", "entry_point": "train.py"}
SPARK = {"problem": "binary", "prepare": {"kind": "spark", "entry_point": "prepare.py"}}
TUNED = {"tuning": {"parameters": {"max_depth": {"min": 2, "max": 8}}}}
CONTRACT = "digits/contract.json"


def admitted(rooms: Rooms, name: str = "v1.csv", body: str = "", **parts: Any) -> Run:
    rooms.has_pipeline(**parts)
    rooms.drop(f"digits/train/{name}", body or csv_of(1, 200))
    [run_id] = [str(u["run_id"]) for u in rooms.uploads() if str(u["source"]).endswith(name)]
    assert run_id, rooms.uploads()
    return rooms.ledger.run("digits", run_id)


def promoted(rooms: Rooms, *args: Any, **parts: Any) -> Run:
    """A run that was prepared and has gone live."""
    run = admitted(rooms, *args, **parts)
    rooms.prepare_dataset.prepare(run)
    rooms.promote(run)
    return run


def reason(rooms: Rooms, name: str) -> str:
    [upload] = [u for u in rooms.uploads() if str(u["source"]).endswith(name)]
    assert upload["state"] == "INVALID"
    return str(upload["reason"])


# code


def test_a_script_s_code_is_packed_by_content(rooms: Rooms) -> None:
    for name, body in {"train.py": b"a", "sub/net.py": b"b"}.items():
        rooms.artifacts.write(f"digits/code/{name}", body)
    run = admitted(rooms, training=SCRIPT)
    code = rooms.snapshots.pipeline(run).training.code
    archive = rooms.artifacts.read(rooms.artifacts.key_of(code))
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        assert [(m.name, m.mtime) for m in packed.getmembers()] == [("sub/net.py", 0), ("train.py", 0)]
    assert code.startswith(f"s3://artifacts/{run.snapshot}")
    assert code.endswith(".sourcedir.tar.gz")


def test_later_code_is_for_later_runs(rooms: Rooms) -> None:
    rooms.artifacts.write("digits/code/train.py", b"old")
    run = admitted(rooms, training=SCRIPT)
    rooms.artifacts.write("digits/code/train.py", b"new")
    rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id))
    rooms.clock.pass_(1)
    rooms.drop("digits/train/v1.csv", csv_of(1, 200))
    again = rooms.ledger.run("digits", f"{run.run_id}-r2")
    before, after = (rooms.snapshots.pipeline(each).training.code for each in (run, again))
    assert before != after
    assert rooms.artifacts.exists(rooms.artifacts.key_of(before))


def test_a_missing_entry_point_is_refused_before_anything_is_made(rooms: Rooms) -> None:
    rooms.has_pipeline(training=SCRIPT)
    rooms.drop("digits/train/v1.csv")
    assert "training.entry_point: train.py is not in s3://artifacts/digits/code/" in reason(rooms, "v1.csv")
    assert rooms.ledger.runs("digits") == []


# a table that is made first


def spark_run(rooms: Rooms) -> Run:
    rooms.artifacts.write("digits/code/prepare.py", b"")
    return admitted(rooms, "log.jsonl", '{"a": 1}\n', **SPARK)


def clean(rooms: Rooms, run: Run, body: str, name: str = "part-0.csv") -> None:
    rooms.artifacts.write(f"digits/prepared/{run.run_id}/clean/{name}", body.encode())


def test_files_of_any_type_are_taken_and_prepared(rooms: Rooms) -> None:
    run = spark_run(rooms)
    assert rooms.executions.inputs[run.run_id]["route"]["preparation"] == "spark"
    rooms.start_training.start_preparation(run, "token")
    [job] = rooms.control.processings.values()
    assert job["Source"] == f"s3://artifacts/{run.snapshot}data/"
    assert job["Output"] == f"s3://artifacts/digits/prepared/{run.run_id}/clean/"
    rooms.control.settle()
    rooms.waiting.resource_changed(f"processing-job/{job['ProcessingJobName']}")
    assert rooms.tokens.answers == [("token", {"job": job["ProcessingJobName"]})]


def test_what_was_prepared_is_split_like_a_drop(rooms: Rooms) -> None:
    run = spark_run(rooms)
    clean(rooms, run, csv_of(1, 100))
    clean(rooms, run, csv_of(2, 100), "part-1.csv")
    clean(rooms, run, "", "part-2.csv")
    rooms.artifacts.write(f"digits/prepared/{run.run_id}/clean/_SUCCESS", b"")
    answer = rooms.prepare_dataset.prepare(run)
    rows = json.loads(rooms.artifacts.read(answer["schema"]))["rows"]
    assert sum(rows.values()) == 200


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("a,b,y\n1,2,0\n1,x,1\n", "part-0.csv: row 3, column 'b': not a finite number"),
        ("a,b\n1,2\n", "part-0.csv: row 1: the target column 'y' is missing"),
        (csv_of(1).replace(",1\n", ",2\n", 1), "the target of a binary problem must have two values"),
        ("", "the preparation wrote no .csv file with rows"),
        ("x,y\n" + "".join(f"{i % 2},{i % 2}\n" for i in range(30)), "column 'x' equals the target"),
    ],
)
def test_what_was_prepared_passes_the_same_door(rooms: Rooms, body: str, why: str) -> None:
    run = spark_run(rooms)
    clean(rooms, run, body)
    with pytest.raises(InvalidDatasetError) as refused:
        rooms.prepare_dataset.prepare(run)
    assert why in str(refused.value)
    ended = rooms.executions.breaks(run.run_id, reason=f"InvalidDatasetError: {refused.value}")
    assert rooms.settle_run.ended(run, ended) is RunState.INVALID
    assert why in reason(rooms, "log.jsonl")


def test_a_preparation_that_fails_says_its_last_words(rooms: Rooms) -> None:
    run = spark_run(rooms)
    job = Names(PREFIX, "digits", run.run_id).preparation_job
    rooms.control.broken_jobs.add(job)
    rooms.start_training.start_preparation(run, "token")
    rooms.control.settle()
    rooms.waiting.resource_changed(f"processing-job/{job}")
    said = f"processing job {job} Failed: AlgorithmError: exit code 1"
    assert rooms.tokens.answers == [("token", JobFailedError.__name__, said)]


# a search


def test_the_best_job_s_model_answers_the_token_and_the_record_names_its_values(rooms: Rooms) -> None:
    run = admitted(rooms, **TUNED)
    rooms.start_training.start_tuning(run, ["train", "validation"], "token")
    [name] = rooms.control.tunings
    rooms.control.settle()
    rooms.waiting.resource_changed(f"hyper-parameter-tuning-job/{name}")
    [(token, answer)] = rooms.tokens.answers
    assert (token, answer["job"]) == ("token", f"{name}-001-0a1b2c3d")
    assert answer["artifact"].startswith(f"s3://artifacts/digits/models/{run.run_id}/{name}-001")
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "REJECTED"))
    record = json.loads(rooms.artifacts.read(f"digits/decisions/{run.run_id}.json"))
    assert record["tuning"] == {
        "training_job": f"{name}-001-0a1b2c3d",
        "hyperparameters": {"max_depth": "4"},
        "objective": {"metric": "validation:logloss", "value": 0.25},
    }


def test_a_search_that_saw_no_objective_fails_with_what_to_do(rooms: Rooms) -> None:
    run = admitted(rooms, **TUNED)
    rooms.start_training.start_tuning(run, ["train"], "token")
    [(name, job)] = rooms.control.tunings.items()
    job["HyperParameterTuningJobStatus"] = "Completed"
    rooms.waiting.resource_changed(f"hyper-parameter-tuning-job/{name}")
    [(_, error, why)] = rooms.tokens.answers
    assert error == JobFailedError.__name__
    assert "no job's log had the objective metric" in why


def test_jobs_of_a_run_that_ended_are_stopped_and_their_tokens_forgotten(rooms: Rooms) -> None:
    run = admitted(rooms, **TUNED)
    rooms.start_training.start_tuning(run, ["train"], "token")
    rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id, "ABORTED"))
    [job] = rooms.control.tunings.values()
    assert job["HyperParameterTuningJobStatus"] == "Stopping"
    assert rooms.ledger.waits(f"hyper-parameter-tuning-job/{job['HyperParameterTuningJobName']}") == []


def test_names_fit_sagemaker_s_limits() -> None:
    names = Names("p" * 15, "m" * 24, f"{'m' * 24}-{'0' * 12}-r9")
    assert len(names.tuning_job) <= 32
    assert len(names.preparation_job) <= 63
    assert names.tuning_job != names.of(f"{'m' * 24}-{'0' * 12}").tuning_job


# the contract


def test_features_keep_the_order_of_the_first_dataset(rooms: Rooms) -> None:
    promoted(rooms)
    swapped = "y,b,a\n" + "".join(f"{i % 2},{i * 3},9.{i}\n" for i in range(200))
    answer = rooms.prepare_dataset.prepare(admitted(rooms, "v2.csv", swapped))
    assert rooms.snapshots.contract(answer["schema"]).names == ("a", "b")
    run_id = answer["schema"].split("/")[2]
    first = rooms.artifacts.read(f"digits/prepared/{run_id}/train/part-0.csv").decode().splitlines()[0]
    assert first.split(",")[1].startswith("9.")


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("a,y", "v2.csv: row 1: column 'b' is missing (1 differ"),
        ("a,b,c,y", "v2.csv: row 1: column 'c' is not in the model's contract (1 differ"),
        ("a,c,y", "v2.csv: row 1: column 'b' is missing (2 differ"),
    ],
)
def test_other_columns_than_the_first_dataset_s_are_refused_at_the_door(
    rooms: Rooms, header: str, why: str
) -> None:
    promoted(rooms)
    body = f"{header}\n" + "".join(
        ",".join([*(f"{i}.{c}" for c in range(header.count(","))), f"{i % 2}"]) + "\n" for i in range(30)
    )
    rooms.drop("digits/train/v2.csv", body)
    assert why in reason(rooms, "v2.csv")
    assert "delete s3://artifacts/digits/contract.json and s3://artifacts/digits/holdout/" in reason(
        rooms, "v2.csv"
    )


def test_without_its_contract_a_model_takes_new_columns(rooms: Rooms) -> None:
    promoted(rooms)
    for key in (CONTRACT, "digits/holdout/holdout.csv"):
        del rooms.artifacts.objects[key]
    body = "a,b,c,y\n" + "".join(f"{i},{i * 3},{i % 7},{i % 2}\n" for i in range(200))
    promoted(rooms, "v2.csv", body)
    assert rooms.snapshots.contract(CONTRACT).names == ("a", "b", "c")


# leaks, and rows that are in the holdout


def test_a_leaked_target_is_refused_at_the_door_and_may_be_allowed(rooms: Rooms) -> None:
    body = "a,copy,y\n" + "".join(f"{i},{i % 2},{i % 2}\n" for i in range(60))
    rooms.has_pipeline()
    rooms.drop("digits/train/v1.csv", body)
    assert "v1.csv: column 'copy' equals the target in every row from row 2 on (60 rows)" in reason(
        rooms, "v1.csv"
    )
    rooms.clock.pass_(1)
    admitted(rooms, "v2.csv", body, may_copy_target=["copy"])


def test_the_record_says_how_many_rows_were_left_out_and_which_was_the_first(rooms: Rooms) -> None:
    rooms.artifacts.write("digits/holdout/holdout.csv", b"y,a,b\n1,1.3,9\n0,1.4,12\n")
    run = admitted(rooms)
    rooms.prepare_dataset.prepare(run)
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "REJECTED"))
    data = json.loads(rooms.artifacts.read(f"digits/decisions/{run.run_id}.json"))["data"]
    assert (data["rows"]["held_out"], data["first_left_out"]) == (2, "v1.csv: row 5")


def test_rows_are_shared_out_among_instances(rooms: Rooms) -> None:
    training = {"kind": "builtin", "instance_count": 3, "data_distribution": "ShardedByS3Key"}
    run = admitted(rooms, training=training)
    rooms.prepare_dataset.prepare(run)
    prefix = f"digits/prepared/{run.run_id}/"
    parts = [item.key for item in rooms.artifacts.list(f"{prefix}train/")]
    assert parts == [f"{prefix}train/part-{number}.csv" for number in range(3)]
    counts = json.loads(rooms.artifacts.read(f"{prefix}schema.json"))["rows"]
    assert sum(len(rooms.artifacts.read(key).splitlines()) for key in parts) == counts["train"]
