"""A dataset that a job checks and prepares ends as one that Lambdas do: the same parts, the same words of refusal."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from switchyard.core.errors import InvalidDatasetError, JobFailedError, MissingError
from switchyard.core.names import Names
from switchyard.core.pipeline import Pipeline
from switchyard.core.run import Run, RunState
from switchyard.triggers.rules.request import Request
from tests.fakes.stations import PREFIX, Stations, csv_of
from tests.intake.dropping import table

VERDICTS = ("good", "bad")
KINDS = "id,age,wage,job,note,when,member,y\n" + "".join(
    f"{i},{20 + i % 50},{'' if i % 17 == 0 else f'{i * 1.25:.2f}'},{('cook', 'smith', 'clerk')[i % 3]},"
    f'"said {i * 7919 % 1009}, twice",2024-0{1 + i % 9}-1{i % 10},{("yes", "no")[i % 2]},'
    f"{VERDICTS[i * 31 % 7 % 2]}\n"
    for i in range(400)
)
GERMAN = KINDS.replace(",", ";").replace(".", ",").replace("smith", "k\u00e4ser").encode("latin-1")
SCRIPT = {"kind": "script", "framework": "sklearn", "entry_point": "t.py", "format": "parquet"}
BY_HAND = Request.from_dict({"model": "digits", "cause": "by hand", "identity": "1", "always": True})
TOKEN = "token"


def stations(large: bool, **parts: Any) -> Stations:
    made = Stations()
    made.has_pipeline(**parts)
    made.admission = replace(made.admission, least_large_bytes=1 if large else 0)
    return made


def admitted(of: Stations, files: Mapping[str, str | bytes]) -> Run:
    """The run of objects that arrive one after the other."""
    for key, body in files.items():
        of.clock.pass_(1)
        of.data.write(key, body if isinstance(body, bytes) else body.encode())
    became = of.admission.admit(list(files)[-1])
    assert became.startswith("started "), became
    return of.ledger.run("digits", became.removeprefix("started "))


def job_of(run: Run) -> str:
    return Names(PREFIX, "digits", run.run_id).dataset_job


def by_job(of: Stations, run: Run) -> Mapping[str, Any]:
    """As the states StartDatasetJob and PrepareDataset do it."""
    of.start_training.start_dataset_job(run, TOKEN)
    of.control.settle()
    of.waiting.resource_changed(f"processing-job/{job_of(run)}")
    assert of.tokens.answers[-1] == (TOKEN, {"job": job_of(run)})
    return of.prepare_run.prepare(run)


def parts(of: Stations, run: Run) -> dict[str, bytes]:
    """All that lies prepared, by its name within the run; a run's own name counts as any other's."""
    folder = f"digits/prepared/{run.run_id}/"
    found = {item.key.removeprefix(folder): of.artifacts.read(item.key) for item in of.artifacts.list(folder)}
    return {
        name: body.replace(run.run_id.encode(), b"RUN")
        for name, body in found.items()
        if not name.startswith("job/")
    }


def pipelines(of: Stations, run: Run) -> Pipeline:
    """As it is frozen, whoever reads the rows, and wherever the owner's code lies."""
    pipeline = of.snapshots.pipeline(run)
    code = pipeline.training.code.rpartition("/")[2]
    return replace(pipeline, training=replace(pipeline.training, code=code), dataset_job=None)


def manifest(of: Stations, run: Run) -> dict[str, Any]:
    return dict(json.loads(of.artifacts.read(f"{run.snapshot}manifest.json")))


def as_run(answer: Mapping[str, Any], run: Run) -> Any:
    return json.loads(json.dumps(answer).replace(run.run_id, "RUN"))


FORMS: dict[str, tuple[dict[str, str | bytes], dict[str, Any]]] = {
    "every kind of column": ({"digits/train/a.csv": KINDS}, {}),
    "packed, in parts, in folders that are a column": (
        {
            "digits/train/v/month=1/a.csv.gz": gzip.compress(csv_of(1, 300).encode(), mtime=0),
            "digits/train/v/month=2/b.csv": csv_of(2, 300),
            "digits/train/v/_SUCCESS": "",
        },
        {},
    ),
    "Latin-1 with semicolons and decimal commas": ({"digits/train/a.csv": GERMAN}, {}),
    "typed channels": ({"digits/train/a.csv": KINDS}, {"training": SCRIPT}),
    "few rows, judged by cross-validation": (
        {"digits/train/a.csv": csv_of(1, 60)},
        {"evaluation": {"minimum_rows": 200}},
    ),
    "a number to predict": (
        {"digits/train/a.csv": KINDS.replace(",,", ",0.0,")},
        {"problem": "regression", "target": "wage"},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_job_leaves_the_same_rows_in_the_same_parts_as_lambdas_do(form: str) -> None:
    files, declared = FORMS[form]
    large, small = stations(large=True, **declared), stations(large=False, **declared)
    for each in (large, small):
        each.artifacts.write("digits/code/t.py", b"print()")
    runs = admitted(large, files), admitted(small, files)
    answers = by_job(large, runs[0]), small.prepare_run.prepare(runs[1])
    assert as_run(answers[0], runs[0]) == as_run(answers[1], runs[1])
    assert parts(large, runs[0]) == parts(small, runs[1])
    assert pipelines(large, runs[0]) == pipelines(small, runs[1])
    of_job, of_door = manifest(large, runs[0]), manifest(small, runs[1])
    assert (of_job.pop("digest"), of_door.pop("digest")) == (runs[0].digest, runs[1].digest)
    assert of_job == of_door
    assert of_job["content"] == runs[1].digest


def test_a_second_dataset_is_held_against_the_champion_and_its_holdout_by_a_job_too() -> None:
    both = stations(large=True), stations(large=False)
    found = []
    for each in both:
        first = admitted(each, {"digits/train/a.csv": csv_of(1, 300)})
        by_job(each, first) if each is both[0] else each.prepare_run.prepare(first)
        each.promote(first)
        second = admitted(each, {"digits/train/b.csv": csv_of(2, 300)})
        by_job(each, second) if each is both[0] else each.prepare_run.prepare(second)
        left = parts(each, second)
        assert "diff.json" in left
        found.append({name: body.replace(first.run_id.encode(), b"FIRST") for name, body in left.items()})
    assert found[0] == found[1]


def test_nothing_is_read_at_the_door() -> None:
    of = stations(large=True)
    of.data.write("digits/train/a.csv", b"\x00 no table at all")
    assert of.admission.admit("digits/train/a.csv").startswith("started ")
    [payload] = of.executions.inputs.values()
    assert payload["route"]["preparation"] == "job"


REFUSED = {
    "a field": table([(0, 1, 2), (1, "x", 3), *[(i % 2, i, i) for i in range(40)]]),
    "no target": "a,b\n1,2\n",
    "one value alone": table([(1, i, i * 2) for i in range(40)]),
    "a copy of the target": "x,y\n" + "".join(f"{i % 2},{i % 2}\n" for i in range(40)),
    "no text": b"\x00\x01\x02",
    "nothing but a header": "a,b,y\n",
    "too few rows": csv_of(1, 3),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_job_refuses_in_the_words_of_the_door(what: str) -> None:
    body = REFUSED[what]
    large, small = stations(large=True), stations(large=False)
    run = admitted(large, {"digits/train/a.csv": body})
    with pytest.raises(InvalidDatasetError) as refused:
        by_job(large, run)
    ended = large.executions.breaks(run.run_id, reason=f"InvalidDatasetError: {refused.value}")
    assert large.settle_run.ended(run, ended) is RunState.INVALID
    [record] = large.uploads()
    small.data.write("digits/train/a.csv", body if isinstance(body, bytes) else body.encode())
    became = small.admission.admit("digits/train/a.csv")
    if became.startswith("started"):  # what only the split can see is refused in PrepareDataset
        with pytest.raises(InvalidDatasetError) as told:
            small.prepare_run.prepare(small.ledger.run("digits", became.removeprefix("started ")))
        reason = str(told.value)
    else:
        reason = str(small.uploads()[0]["reason"])
    assert (record["state"], record["reason"]) == ("INVALID", reason)


def test_what_names_alone_rule_out_is_refused_at_the_door() -> None:
    of = stations(large=True)
    of.data.write("digits/train/a.xlsx", b"PK")
    assert of.admission.admit("digits/train/a.xlsx").startswith("INVALID: digits/train/a.xlsx: only tables")


def test_the_same_listing_is_one_run_and_another_try_after_a_refusal_reads_again() -> None:
    of = stations(large=True)
    run = admitted(of, {"digits/train/a.csv": REFUSED["a field"]})
    of.data.write("digits/train/b.csv", of.data.read("digits/train/a.csv"))
    assert "the same dataset" in str([of.admission.admit("digits/train/b.csv"), *of.uploads()])
    with pytest.raises(InvalidDatasetError):
        by_job(of, run)
    of.settle_run.ended(run, of.executions.breaks(run.run_id, reason="InvalidDatasetError: refused"))
    of.has_pipeline(columns={"a": "category"})
    again = admitted(of, {"digits/train/a.csv": of.data.read("digits/train/a.csv")})
    assert again.run_id == f"{run.run_id}-r2"
    assert by_job(of, again)["judged_by"] == "holdout"


def test_a_job_that_breaks_says_so_and_the_next_try_does_it_all() -> None:
    of = stations(large=True)
    run = admitted(of, {"digits/train/a.csv": csv_of(1, 200)})
    of.control.broken_jobs.add(job_of(run))
    of.start_training.start_dataset_job(run, TOKEN)
    of.control.settle()
    of.waiting.resource_changed(f"processing-job/{job_of(run)}")
    assert of.tokens.answers[-1][1] == JobFailedError.__name__
    of.settle_run.ended(
        run, of.executions.breaks(run.run_id, reason=f"JobFailedError: {of.tokens.answers[-1][2]}")
    )
    assert of.state(run) is RunState.FAILED
    again = admitted(of, {"digits/train/a.csv": of.data.read("digits/train/a.csv")})
    assert by_job(of, again)["judged_by"] == "holdout"


def test_a_job_that_is_run_twice_leaves_the_same() -> None:
    of = stations(large=True)
    run = admitted(of, {"digits/train/a.csv": KINDS})
    by_job(of, run)
    before = parts(of, run)
    of.control.dataset_read(f"digits/prepared/{run.run_id}/job/order.json")
    assert parts(of, run) == before


def test_a_lost_event_is_found_at_the_next_lap_and_starts_nothing_twice() -> None:
    of = stations(large=True)
    run = admitted(of, {"digits/train/a.csv": csv_of(1, 200)})
    of.start_training.start_dataset_job(run, TOKEN)
    of.control.settle()
    of.start_training.start_dataset_job(run, "second token")
    assert of.tokens.answers == [("second token", {"job": job_of(run)})]
    assert len(of.control.processings) == 1


def test_what_changes_or_goes_while_it_waits_is_refused_with_what_to_do() -> None:
    for taken_away in (True, False):
        of = stations(large=True)
        run = admitted(of, {"digits/train/a.csv": csv_of(1, 200)})
        if taken_away:
            of.data.objects.pop("digits/train/a.csv")
        else:
            of.data.write("digits/train/a.csv", csv_of(2, 200).encode())
        with pytest.raises(InvalidDatasetError, match=r"taken away|changed while it was read"):
            by_job(of, run)


def test_an_answer_that_is_not_there_is_told() -> None:
    of = stations(large=True)
    run = admitted(of, {"digits/train/a.csv": csv_of(1, 200)})
    with pytest.raises(MissingError, match="look at its log"):
        of.prepare_run.prepare(run)


def test_it_waits_in_line_for_its_machine_and_is_stopped_with_its_run() -> None:
    of = stations(large=True)
    run = admitted(of, {"digits/train/a.csv": csv_of(1, 200)})
    of.control.is_crowded = True
    of.start_training.start_dataset_job(run, TOKEN)
    assert of.tokens.answers == []
    item = of.ledger.run_item("digits", run.run_id) or {}
    assert "1 ml.m5.xlarge for processing" in str(item["reason"])
    of.start_training.start_dataset_job(run, TOKEN)
    of.settle_run.ended(run, of.executions.breaks(run.run_id, "ABORTED"))
    [job] = of.control.processings.values()
    assert job["ProcessingJobStatus"] == "Stopping"
    assert of.ledger.waits(f"processing-job/{job_of(run)}") == []


def test_what_the_machine_costs_is_counted_and_expected_by_the_size() -> None:
    of = stations(large=True)
    run = admitted(of, {"digits/train/a.csv": csv_of(1, 200)})
    estimate = json.loads(str((of.ledger.run_item("digits", run.run_id) or {})["estimate"]))
    [part] = [each for each in estimate["expected"]["parts"] if each["what"] == "dataset job"]
    assert (part["instance_type"], part["seconds"], part["basis"]) == ("ml.m5.xlarge", 300.0, "by the size")
    by_job(of, run)
    of.control.processings[job_of(run)] |= {"ProcessingStartTime": 1000.0, "ProcessingEndTime": 1360.0}
    cost = of.run_cost.settle(run)
    assert cost is not None
    [part_] = [each for each in cost.parts if each.what == "dataset job"]
    assert part_.seconds == 360.0
    assert part_.usd(of.run_budget.prices()) == pytest.approx(0.023)


def test_a_run_by_hand_prepares_again_what_was_checked() -> None:
    of = stations(large=True)
    run = admitted(of, {"digits/train/a.csv": KINDS})
    by_job(of, run)
    of.settle_run.ended(run, of.executions.succeeds(run.run_id, "REJECTED"))
    answer = of.retraining.retrain(BY_HAND)
    again = of.ledger.run("digits", answer.run_id)
    assert of.snapshots.pipeline(again).dataset_job is not None
    by_job(of, again)
    assert parts(of, again) == parts(of, run)


def test_a_run_by_hand_checks_what_a_broken_job_has_not() -> None:
    of = stations(large=True)
    run = admitted(of, {"digits/train/a.csv": KINDS})
    of.settle_run.ended(run, of.executions.breaks(run.run_id, reason="JobFailedError: broke"))
    again = of.ledger.run("digits", of.retraining.retrain(BY_HAND).run_id)
    assert by_job(of, again)["judged_by"] == "holdout"


def test_a_lost_ledger_finds_a_run_that_no_job_has_read() -> None:
    of = stations(large=True)
    run = admitted(of, {"digits/train/a.csv": KINDS})
    of.items.rows.clear()
    begun, outrun = of.sweep.forgotten.findings("digits")
    [finding] = [*begun, *outrun]
    assert run.run_id in finding.what
