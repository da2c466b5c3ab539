"""A registered model goes live by itself, or when a person says so in the model registry; silence is a no."""

import json

import pytest

from switchyard.core.names import Names
from switchyard.core.run import Outcome, Run, RunState
from switchyard.evaluation.model_registry import HOUR
from tests.fakes.rooms import PREFIX, Rooms


@pytest.fixture
def run(rooms: Rooms) -> Run:
    rooms.has_pipeline(approval={"mode": "manual", "hours": 24})
    return rooms.a_run()


def registered(rooms: Rooms, run: Run) -> str:
    return rooms.model_registry.register(run, "s3://a/model.tar.gz", "digits/evaluations/r/evaluation.json")[
        "arn"
    ]


def said(rooms: Rooms, token: str) -> dict[str, str]:
    answer: dict[str, str] = dict(rooms.tokens.answers)[token]
    return answer


def test_without_a_word_in_the_pipeline_a_model_waits_for_its_rollout_not_for_a_person(rooms: Rooms) -> None:
    arn = registered(rooms, rooms.a_run())
    assert rooms.control.approvals == {arn: "PendingManualApproval"}


@pytest.mark.parametrize("status", ["Approved", "Rejected"])
def test_a_person_is_waited_for_and_the_event_answers(rooms: Rooms, run: Run, status: str) -> None:
    arn = registered(rooms, run)
    rooms.model_registry.await_approval(run, arn, "token")
    assert rooms.tokens.answers == []
    rooms.control.approve(arn, status)
    assert rooms.waiting.resource_changed(f"model-package/{arn}") == 1
    assert said(rooms, "token")["status"] == status
    assert status in said(rooms, "token")["reason"]


def test_a_lap_finds_the_approval_whose_event_was_lost(rooms: Rooms, run: Run) -> None:
    arn = registered(rooms, run)
    rooms.model_registry.await_approval(run, arn, "first")
    rooms.control.approve(arn)
    rooms.model_registry.await_approval(run, arn, "second")
    assert said(rooms, "second")["status"] == "Approved"


def test_an_event_of_something_else_than_the_approval_answers_nobody(rooms: Rooms, run: Run) -> None:
    arn = registered(rooms, run)
    rooms.model_registry.await_approval(run, arn, "token")
    rooms.waiting.resource_changed(f"model-package/{arn}")
    assert rooms.tokens.answers == []


def test_silence_for_longer_than_the_declared_hours_is_a_no(rooms: Rooms, run: Run) -> None:
    arn = registered(rooms, run)
    rooms.clock.pass_(24 * HOUR)
    registered(rooms, run)  # a repeated registration does not begin the time anew
    rooms.model_registry.await_approval(run, arn, "token")
    assert said(rooms, "token")["status"] == "Expired"
    assert "within 24 hours" in said(rooms, "token")["reason"]


def test_the_decision_record_says_who_approved_and_no_token_is_left(rooms: Rooms, run: Run) -> None:
    arn = registered(rooms, run)
    rooms.model_registry.await_approval(run, arn, "token")
    rooms.control.approvals[arn] = "Rejected"
    rooms.settle_run.close(run, Outcome(RunState.REJECTED, "no"))
    record = json.loads(rooms.artifacts.read(f"digits/decisions/{run.run_id}.json"))
    assert record["approval"]["package"] == arn
    assert record["approval"]["status"] == "Rejected"
    assert rooms.ledger.waits(f"model-package/{arn}") == []
    assert Names(PREFIX, run.model, run.run_id).package_group in arn
