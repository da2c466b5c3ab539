"""Frozen code, tables that are made first, searches, baselines and leaks: from the drop to the answer."""

import io
import json
import tarfile
from typing import Any

import pytest

from switchyard.core.errors import InvalidDatasetError, JobFailedError
from switchyard.core.names import Names
from switchyard.core.run import Run, RunState
from tests.fakes.stations import PREFIX, Stations, csv_of

SCRIPT = {"kind": "script", "framework": "sklearn", "entry_point": "train.py"}
SPARK = {"problem": "binary", "prepare": {"kind": "spark", "entry_point": "prepare.py"}}
TUNED = {"tuning": {"parameters": {"max_depth": {"min": 2, "max": 8}}}}
CONTRACT = "digits/contract.json"


def admitted(stations: Stations, name: str = "v1.csv", body: str = "", **parts: Any) -> Run:
    stations.has_pipeline(**parts)
    stations.drop(f"digits/train/{name}", body or csv_of(1, 200))
    [run_id] = [str(u["run_id"]) for u in stations.uploads() if str(u["source"]).endswith(name)]
    assert run_id, stations.uploads()
    return stations.ledger.run("digits", run_id)


def promoted(stations: Stations, *args: Any, **parts: Any) -> Run:
    """A run that was prepared and has gone live."""
    run = admitted(stations, *args, **parts)
    stations.prepare_dataset.prepare(run)
    stations.promote(run)
    return run


def reason(stations: Stations, name: str) -> str:
    [upload] = [u for u in stations.uploads() if str(u["source"]).endswith(name)]
    assert upload["state"] == "INVALID"
    return str(upload["reason"])


# code


def test_a_script_s_code_is_packed_by_content(stations: Stations) -> None:
    for name, body in {"train.py": b"a", "sub/net.py": b"b"}.items():
        stations.artifacts.write(f"digits/code/{name}", body)
    run = admitted(stations, training=SCRIPT)
    code = stations.snapshots.pipeline(run).training.code
    archive = stations.artifacts.read(stations.artifacts.key_of(code))
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        assert [(m.name, m.mtime) for m in packed.getmembers()] == [("sub/net.py", 0), ("train.py", 0)]
    assert code.startswith(f"s3://artifacts/{run.snapshot}")
    assert code.endswith(".sourcedir.tar.gz")


def test_later_code_is_for_later_runs(stations: Stations) -> None:
    stations.artifacts.write("digits/code/train.py", b"old")
    run = admitted(stations, training=SCRIPT)
    stations.artifacts.write("digits/code/train.py", b"new")
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id))
    stations.clock.pass_(1)
    stations.drop("digits/train/v1.csv", csv_of(1, 200))
    again = stations.ledger.run("digits", f"{run.run_id}-r2")
    before, after = (stations.snapshots.pipeline(each).training.code for each in (run, again))
    assert before != after
    assert stations.artifacts.exists(stations.artifacts.key_of(before))


def test_a_missing_entry_point_is_refused_before_anything_is_made(stations: Stations) -> None:
    stations.has_pipeline(training=SCRIPT)
    stations.drop("digits/train/v1.csv")
    assert "training.entry_point: train.py is not in s3://artifacts/digits/code/" in reason(
        stations, "v1.csv"
    )
    assert stations.ledger.runs("digits") == []


# a table that is made first


def spark_run(stations: Stations) -> Run:
    stations.artifacts.write("digits/code/prepare.py", b"")
    return admitted(stations, "log.jsonl", '{"a": 1}\n', **SPARK)


def clean(stations: Stations, run: Run, body: str, name: str = "part-0.csv") -> None:
    stations.artifacts.write(f"digits/prepared/{run.run_id}/clean/{name}", body.encode())


def test_files_of_any_type_are_taken_and_prepared(stations: Stations) -> None:
    run = spark_run(stations)
    assert stations.executions.inputs[run.run_id]["route"]["preparation"] == "spark"
    stations.start_training.start_preparation(run, "token")
    [job] = stations.control.processings.values()
    assert job["Source"] == f"s3://artifacts/{run.snapshot}data/"
    assert job["Output"] == f"s3://artifacts/digits/prepared/{run.run_id}/clean/"
    stations.control.settle()
    stations.waiting.resource_changed(f"processing-job/{job['ProcessingJobName']}")
    assert stations.tokens.answers == [("token", {"job": job["ProcessingJobName"]})]


def test_what_was_prepared_is_split_like_a_drop(stations: Stations) -> None:
    run = spark_run(stations)
    clean(stations, run, csv_of(1, 100))
    clean(stations, run, csv_of(2, 100), "part-1.csv")
    clean(stations, run, "", "part-2.csv")
    stations.artifacts.write(f"digits/prepared/{run.run_id}/clean/_SUCCESS", b"")
    answer = stations.prepare_dataset.prepare(run)
    rows = json.loads(stations.artifacts.read(answer["schema"]))["rows"]
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
def test_what_was_prepared_passes_the_same_door(stations: Stations, body: str, why: str) -> None:
    run = spark_run(stations)
    clean(stations, run, body)
    with pytest.raises(InvalidDatasetError) as refused:
        stations.prepare_dataset.prepare(run)
    assert why in str(refused.value)
    ended = stations.executions.breaks(run.run_id, reason=f"InvalidDatasetError: {refused.value}")
    assert stations.settle_run.ended(run, ended) is RunState.INVALID
    assert why in reason(stations, "log.jsonl")


def test_a_preparation_that_fails_says_its_last_words(stations: Stations) -> None:
    run = spark_run(stations)
    job = Names(PREFIX, "digits", run.run_id).preparation_job
    stations.control.broken_jobs.add(job)
    stations.start_training.start_preparation(run, "token")
    stations.control.settle()
    stations.waiting.resource_changed(f"processing-job/{job}")
    said = f"processing job {job} Failed: AlgorithmError: exit code 1"
    assert stations.tokens.answers == [("token", JobFailedError.__name__, said)]


# a search


def test_the_best_job_s_model_answers_the_token_and_the_record_names_its_values(stations: Stations) -> None:
    run = admitted(stations, **TUNED)
    stations.start_training.start_tuning(run, ["train", "validation"], "token")
    [name] = stations.control.tunings
    stations.control.settle()
    stations.waiting.resource_changed(f"hyper-parameter-tuning-job/{name}")
    [(token, answer)] = stations.tokens.answers
    assert (token, answer["job"]) == ("token", f"{name}-001-0a1b2c3d")
    assert answer["artifact"].startswith(f"s3://artifacts/digits/models/{run.run_id}/{name}-001")
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "REJECTED"))
    record = json.loads(stations.artifacts.read(f"digits/decisions/{run.run_id}.json"))
    assert record["tuning"] == {
        "training_job": f"{name}-001-0a1b2c3d",
        "hyperparameters": {"max_depth": "4"},
        "objective": {"metric": "validation:logloss", "value": 0.25},
    }


def test_a_search_that_saw_no_objective_fails_with_what_to_do(stations: Stations) -> None:
    run = admitted(stations, **TUNED)
    stations.start_training.start_tuning(run, ["train"], "token")
    [(name, job)] = stations.control.tunings.items()
    job["HyperParameterTuningJobStatus"] = "Completed"
    stations.waiting.resource_changed(f"hyper-parameter-tuning-job/{name}")
    [(_, error, why)] = stations.tokens.answers
    assert error == JobFailedError.__name__
    assert "no job's log had the objective metric" in why


def test_jobs_of_a_run_that_ended_are_stopped_and_their_tokens_forgotten(stations: Stations) -> None:
    run = admitted(stations, **TUNED)
    stations.start_training.start_tuning(run, ["train"], "token")
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id, "ABORTED"))
    [job] = stations.control.tunings.values()
    assert job["HyperParameterTuningJobStatus"] == "Stopping"
    assert stations.ledger.waits(f"hyper-parameter-tuning-job/{job['HyperParameterTuningJobName']}") == []


def test_names_fit_sagemaker_s_limits() -> None:
    names = Names("p" * 15, "m" * 24, f"{'m' * 24}-{'0' * 12}-r9")
    assert len(names.tuning_job) <= 32
    assert len(names.preparation_job) <= 63
    assert names.tuning_job != names.of(f"{'m' * 24}-{'0' * 12}").tuning_job


# the contract


def test_features_keep_the_order_of_the_first_dataset(stations: Stations) -> None:
    promoted(stations)
    swapped = "y,b,a\n" + "".join(f"{i % 2},{i * 3},9.{i}\n" for i in range(200))
    answer = stations.prepare_dataset.prepare(admitted(stations, "v2.csv", swapped))
    assert stations.snapshots.contract(answer["schema"]).names == ("a", "b")
    run_id = answer["schema"].split("/")[2]
    first = stations.artifacts.read(f"digits/prepared/{run_id}/train/part-0.csv").decode().splitlines()[0]
    assert first.split(",")[1].startswith("9.")


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("a,y", "v2.csv: row 1: column 'b' is missing (1 differ"),
        (
            "A,b,y",
            "v2.csv: row 1: column 'a' is missing (2 differ from the model's first dataset); did you mean 'A'? Name",
        ),
        ("a,b,c,y", "v2.csv: row 1: column 'c' is not in the model's contract (1 differ"),
        ("a,c,y", "v2.csv: row 1: column 'b' is missing (2 differ"),
    ],
)
def test_other_columns_than_the_first_dataset_s_are_refused_at_the_door(
    stations: Stations, header: str, why: str
) -> None:
    promoted(stations)
    body = f"{header}\n" + "".join(
        ",".join([*(f"{i}.{c}" for c in range(header.count(","))), f"{i % 2}"]) + "\n" for i in range(30)
    )
    stations.drop("digits/train/v2.csv", body)
    assert why in reason(stations, "v2.csv")
    assert "delete s3://artifacts/digits/contract.json and s3://artifacts/digits/holdout/" in reason(
        stations, "v2.csv"
    )


def test_without_its_contract_a_model_takes_new_columns(stations: Stations) -> None:
    promoted(stations)
    for key in (CONTRACT, "digits/holdout/holdout.csv"):
        del stations.artifacts.objects[key]
    body = "a,b,c,y\n" + "".join(f"{i},{i * 3},{i % 7},{i % 2}\n" for i in range(200))
    promoted(stations, "v2.csv", body)
    assert stations.snapshots.contract(CONTRACT).names == ("a", "b", "c")


# leaks, and rows that are in the holdout


def test_a_leaked_target_is_refused_at_the_door_and_may_be_allowed(stations: Stations) -> None:
    body = "a,copy,y\n" + "".join(f"{i},{i % 2},{i % 2}\n" for i in range(60))
    stations.has_pipeline()
    stations.drop("digits/train/v1.csv", body)
    assert "v1.csv: column 'copy' equals the target in every row from row 2 on (60 rows)" in reason(
        stations, "v1.csv"
    )
    stations.clock.pass_(1)
    admitted(stations, "v2.csv", body, may_copy_target=["copy"])


def test_the_record_says_how_many_rows_were_left_out_and_which_was_the_first(stations: Stations) -> None:
    stations.artifacts.write("digits/holdout/holdout.csv", b"y,a,b\n1,1.3,9\n0,1.4,12\n")
    run = admitted(stations)
    stations.prepare_dataset.prepare(run)
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "REJECTED"))
    data = json.loads(stations.artifacts.read(f"digits/decisions/{run.run_id}.json"))["data"]
    assert (data["rows"]["held_out"], data["first_left_out"]) == (2, "v1.csv: row 5")


def test_rows_are_shared_out_among_instances(stations: Stations) -> None:
    training = {"kind": "builtin", "instance_count": 3, "data_distribution": "ShardedByS3Key"}
    run = admitted(stations, training=training)
    stations.prepare_dataset.prepare(run)
    prefix = f"digits/prepared/{run.run_id}/"
    parts = [item.key for item in stations.artifacts.list(f"{prefix}train/")]
    assert parts == [f"{prefix}train/part-{number}.csv" for number in range(3)]
    counts = json.loads(stations.artifacts.read(f"{prefix}schema.json"))["rows"]
    assert sum(len(stations.artifacts.read(key).splitlines()) for key in parts) == counts["train"]
