"""Retraining by hand, by the clock or on drift: on the newest data, one run a request, and nothing for nothing."""

import json
from dataclasses import replace

import pytest

from switchyard.core.run import RunState
from switchyard.triggers.rules.request import Cause, Request
from tests.fakes.stations import Stations, csv_of

HAND = Request("digits", Cause.HAND, "1", always=True)
CLOCK = Request("digits", Cause.SCHEDULE, "2026-11-22T03:00")


def judged(stations: Stations, seed: int = 1, state: str = "PROMOTED") -> str:
    run = stations.a_run(seed)
    stations.ledger.set_state("digits", run.run_id, RunState(state), "because")
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, state))
    stations.clock.pass_(60)
    return run.run_id


def test_by_hand_the_newest_data_is_trained_on_again(stations: Stations) -> None:
    before = judged(stations)
    answer = stations.retraining.retrain(HAND)
    assert (answer.run_id, answer.became) == (HAND.run_id, f"started {HAND.run_id}")
    old, new = (stations.ledger.run("digits", each) for each in (before, answer.run_id))
    assert (new.digest, new.snapshot, new.source) == (old.digest, old.snapshot, "by hand")
    assert stations.executions.running == [answer.run_id]
    assert stations.snapshots.pipeline(new) == stations.snapshots.pipeline(old)


def test_the_newest_data_is_the_last_that_arrived(stations: Stations) -> None:
    judged(stations, 1)
    newest = stations.ledger.run("digits", judged(stations, 2))
    answer = stations.retraining.retrain(HAND)
    assert stations.ledger.run("digits", answer.run_id).digest == newest.digest


def test_a_drop_whose_event_was_lost_is_found(stations: Stations) -> None:
    judged(stations)
    stations.upload("digits/train/v2.csv", csv_of(2))
    answer = stations.retraining.retrain(CLOCK)
    assert answer.became == "RUNNING already, on the same data"
    assert stations.ledger.run("digits", answer.run_id).source == "s3://data/digits/train/v2.csv"


@pytest.mark.parametrize("state", ["PROMOTED", "REJECTED", "ROLLED_BACK", "INCONCLUSIVE"])
def test_the_clock_spends_nothing_on_what_was_judged(stations: Stations, state: str) -> None:
    before = judged(stations, state=state)
    answer = stations.retraining.retrain(CLOCK)
    assert answer.run_id == ""
    assert answer.became == f"nothing to learn: run {before} was {state} on the same data and pipeline.yaml"
    assert stations.ledger.active("digits") is None


@pytest.mark.parametrize("state", ["FAILED", "ABORTED"])
def test_the_clock_tries_again_what_was_not_judged(stations: Stations, state: str) -> None:
    judged(stations, state=state)
    assert stations.retraining.retrain(CLOCK).run_id == CLOCK.run_id


def test_another_pipeline_yaml_is_something_to_learn(stations: Stations) -> None:
    judged(stations)
    stations.has_pipeline(training={"max_runtime_seconds": 77})
    answer = stations.retraining.retrain(CLOCK)
    assert (
        stations.snapshots.pipeline(stations.ledger.run("digits", answer.run_id)).training.max_runtime_seconds
        == 77
    )


def test_always_is_always(stations: Stations) -> None:
    judged(stations)
    assert stations.retraining.retrain(replace(CLOCK, always=True)).run_id == CLOCK.run_id


def test_the_same_request_twice_is_one_run_also_when_newer_data_came_between(stations: Stations) -> None:
    judged(stations)
    first = stations.retraining.retrain(HAND)
    stations.drop("digits/train/v2.csv", csv_of(2))
    again = stations.retraining.retrain(HAND)
    assert (again.run_id, again.became) == (first.run_id, "asked for before: RUNNING")


def test_ten_thousand_requests_are_at_most_two_runs(stations: Stations) -> None:
    judged(stations)
    for tick in range(100):
        stations.retraining.retrain(replace(CLOCK, identity=str(tick), always=True))
    assert len(stations.executions.running) == 1
    assert stations.ledger.waiting("digits") is None


def test_a_request_while_another_dataset_trains_waits(stations: Stations) -> None:
    stations.a_run(1)
    stations.drop("digits/train/v2.csv", csv_of(2))
    assert stations.retraining.retrain(HAND).became == "WAITING already, on the same data"


def test_a_named_drop_is_admitted_and_run(stations: Stations) -> None:
    stations.has_pipeline()
    key = stations.upload("digits/train/v1.csv", csv_of(1))
    answer = stations.retraining.retrain(replace(HAND, key=key))
    assert answer.became == "RUNNING already, on the same data"
    assert stations.executions.running == [answer.run_id]


def test_a_named_drop_that_was_judged_runs_again(stations: Stations) -> None:
    old = stations.ledger.run("digits", judged(stations, 1))
    judged(stations, 2)
    answer = stations.retraining.retrain(replace(HAND, key="digits/train/v1.csv"))
    assert stations.ledger.run("digits", answer.run_id).digest == old.digest


@pytest.mark.parametrize(
    ("key", "body", "says"),
    [
        ("digits/train/bad.csv", "a,b,y\n1,2\n", "row 2"),
        ("other/train/v1.csv", "", "is not under digits/train/"),
        ("digits/train/none.csv", None, "the object is gone"),
    ],
)
def test_a_named_drop_that_cannot_be_used_says_why(
    stations: Stations, key: str, body: str | None, says: str
) -> None:
    stations.has_pipeline()
    if body is not None:
        stations.upload(key, body)
    answer = stations.retraining.retrain(replace(HAND, key=key))
    assert answer.run_id == ""
    assert says in answer.became


def test_a_model_without_data_says_where_to_drop_some(stations: Stations) -> None:
    stations.has_pipeline()
    assert "drop one under s3://data/digits/train/" in stations.retraining.retrain(HAND).became


def test_a_request_that_broke_off_before_its_start_is_brought_to_its_end(stations: Stations) -> None:
    judged(stations)
    start, stations.executions.start_retrain = stations.executions.start_retrain, broken  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        stations.retraining.retrain(HAND)
    stations.executions.start_retrain = start  # type: ignore[method-assign]
    stations.items.update("MODEL#digits", f"RUN#{HAND.run_id}", {"state": "ADMITTED"})
    assert stations.retraining.retrain(HAND).became == f"started {HAND.run_id}"


def broken(*_: object) -> None:
    raise ConnectionError("no answer")


def test_why_is_in_the_decision_record(stations: Stations) -> None:
    judged(stations)
    answer = stations.retraining.retrain(replace(HAND, why="a colleague asked"))
    run = stations.ledger.run("digits", answer.run_id)
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "REJECTED"))
    record = json.loads(stations.artifacts.read(f"digits/decisions/{run.run_id}.json"))
    assert (record["why"], record["run"]["source"]) == ("a colleague asked", "by hand")
