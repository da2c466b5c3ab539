"""Retraining by hand, by the clock or on drift: on the newest data, one run a request, and nothing for nothing."""

import json
from dataclasses import replace

import pytest

from switchyard.core.run import RunState
from switchyard.triggers.rules.request import Cause, Request
from tests.fakes.rooms import Rooms, csv_of

HAND = Request("digits", Cause.HAND, "1", always=True)
CLOCK = Request("digits", Cause.SCHEDULE, "2026-11-22T03:00")


def judged(rooms: Rooms, seed: int = 1, state: str = "PROMOTED") -> str:
    run = rooms.a_run(seed)
    rooms.ledger.set_state("digits", run.run_id, RunState(state), "because")
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, state))
    rooms.clock.pass_(60)
    return run.run_id


def test_by_hand_the_newest_data_is_trained_on_again(rooms: Rooms) -> None:
    before = judged(rooms)
    answer = rooms.retraining.retrain(HAND)
    assert (answer.run_id, answer.became) == (HAND.run_id, f"started {HAND.run_id}")
    old, new = (rooms.ledger.run("digits", each) for each in (before, answer.run_id))
    assert (new.digest, new.snapshot, new.source) == (old.digest, old.snapshot, "by hand")
    assert rooms.executions.running == [answer.run_id]
    assert rooms.snapshots.pipeline(new) == rooms.snapshots.pipeline(old)


def test_the_newest_data_is_the_last_that_arrived(rooms: Rooms) -> None:
    judged(rooms, 1)
    newest = rooms.ledger.run("digits", judged(rooms, 2))
    answer = rooms.retraining.retrain(HAND)
    assert rooms.ledger.run("digits", answer.run_id).digest == newest.digest


def test_a_drop_whose_event_was_lost_is_found(rooms: Rooms) -> None:
    judged(rooms)
    rooms.upload("digits/train/v2.csv", csv_of(2))
    answer = rooms.retraining.retrain(CLOCK)
    assert answer.became == "RUNNING already, on the same data"
    assert rooms.ledger.run("digits", answer.run_id).source == "s3://data/digits/train/v2.csv"


@pytest.mark.parametrize("state", ["PROMOTED", "REJECTED", "ROLLED_BACK", "INCONCLUSIVE"])
def test_the_clock_spends_nothing_on_what_was_judged(rooms: Rooms, state: str) -> None:
    before = judged(rooms, state=state)
    answer = rooms.retraining.retrain(CLOCK)
    assert answer.run_id == ""
    assert answer.became == f"nothing to learn: run {before} was {state} on the same data and pipeline.yaml"
    assert rooms.ledger.active("digits") is None


@pytest.mark.parametrize("state", ["FAILED", "ABORTED"])
def test_the_clock_tries_again_what_was_not_judged(rooms: Rooms, state: str) -> None:
    judged(rooms, state=state)
    assert rooms.retraining.retrain(CLOCK).run_id == CLOCK.run_id


def test_another_pipeline_yaml_is_something_to_learn(rooms: Rooms) -> None:
    judged(rooms)
    rooms.has_pipeline(training={"max_runtime_seconds": 77})
    answer = rooms.retraining.retrain(CLOCK)
    assert (
        rooms.snapshots.pipeline(rooms.ledger.run("digits", answer.run_id)).training.max_runtime_seconds == 77
    )


def test_always_is_always(rooms: Rooms) -> None:
    judged(rooms)
    assert rooms.retraining.retrain(replace(CLOCK, always=True)).run_id == CLOCK.run_id


def test_the_same_request_twice_is_one_run_also_when_newer_data_came_between(rooms: Rooms) -> None:
    judged(rooms)
    first = rooms.retraining.retrain(HAND)
    rooms.drop("digits/train/v2.csv", csv_of(2))
    again = rooms.retraining.retrain(HAND)
    assert (again.run_id, again.became) == (first.run_id, "asked for before: RUNNING")


def test_ten_thousand_requests_are_at_most_two_runs(rooms: Rooms) -> None:
    judged(rooms)
    for tick in range(100):
        rooms.retraining.retrain(replace(CLOCK, identity=str(tick), always=True))
    assert len(rooms.executions.running) == 1
    assert rooms.ledger.waiting("digits") is None


def test_a_request_while_another_dataset_trains_waits(rooms: Rooms) -> None:
    rooms.a_run(1)
    rooms.drop("digits/train/v2.csv", csv_of(2))
    assert rooms.retraining.retrain(HAND).became == "WAITING already, on the same data"


def test_a_named_drop_is_admitted_and_run(rooms: Rooms) -> None:
    rooms.has_pipeline()
    key = rooms.upload("digits/train/v1.csv", csv_of(1))
    answer = rooms.retraining.retrain(replace(HAND, key=key))
    assert answer.became == "RUNNING already, on the same data"
    assert rooms.executions.running == [answer.run_id]


def test_a_named_drop_that_was_judged_runs_again(rooms: Rooms) -> None:
    old = rooms.ledger.run("digits", judged(rooms, 1))
    judged(rooms, 2)
    answer = rooms.retraining.retrain(replace(HAND, key="digits/train/v1.csv"))
    assert rooms.ledger.run("digits", answer.run_id).digest == old.digest


@pytest.mark.parametrize(
    ("key", "body", "says"),
    [
        ("digits/train/bad.csv", "a,b,y\n1,2\n", "row 2"),
        ("other/train/v1.csv", "", "is not under digits/train/"),
        ("digits/train/none.csv", None, "the object is gone"),
    ],
)
def test_a_named_drop_that_cannot_be_used_says_why(
    rooms: Rooms, key: str, body: str | None, says: str
) -> None:
    rooms.has_pipeline()
    if body is not None:
        rooms.upload(key, body)
    answer = rooms.retraining.retrain(replace(HAND, key=key))
    assert answer.run_id == ""
    assert says in answer.became


def test_a_model_without_data_says_where_to_drop_some(rooms: Rooms) -> None:
    rooms.has_pipeline()
    assert "drop one under s3://data/digits/train/" in rooms.retraining.retrain(HAND).became


def test_a_request_that_broke_off_before_its_start_is_brought_to_its_end(rooms: Rooms) -> None:
    judged(rooms)
    start, rooms.executions.start_retrain = rooms.executions.start_retrain, broken  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        rooms.retraining.retrain(HAND)
    rooms.executions.start_retrain = start  # type: ignore[method-assign]
    rooms.items.update("MODEL#digits", f"RUN#{HAND.run_id}", {"state": "ADMITTED"})
    assert rooms.retraining.retrain(HAND).became == f"started {HAND.run_id}"


def broken(*_: object) -> None:
    raise ConnectionError("no answer")


def test_why_is_in_the_decision_record(rooms: Rooms) -> None:
    judged(rooms)
    answer = rooms.retraining.retrain(replace(HAND, why="a colleague asked"))
    run = rooms.ledger.run("digits", answer.run_id)
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "REJECTED"))
    record = json.loads(rooms.artifacts.read(f"digits/decisions/{run.run_id}.json"))
    assert (record["why"], record["run"]["source"]) == ("a colleague asked", "by hand")
