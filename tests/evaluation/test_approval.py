"""A registered model goes live by itself, or when a person says so in the model registry; silence is a no."""

import json

import pytest

from switchyard.core.names import Names
from switchyard.core.run import Outcome, Run, RunState
from switchyard.evaluation.model_registry import HOUR
from tests.fakes.stations import PREFIX, Stations


@pytest.fixture
def run(stations: Stations) -> Run:
    stations.has_pipeline(approval={"mode": "manual", "hours": 24})
    return stations.a_run()


def registered(stations: Stations, run: Run) -> str:
    return stations.model_registry.register(
        run, "s3://a/model.tar.gz", "digits/evaluations/r/evaluation.json"
    )["arn"]


def said(stations: Stations, token: str) -> dict[str, str]:
    answer: dict[str, str] = dict(stations.tokens.answers)[token]
    return answer


def test_without_a_word_in_the_pipeline_a_model_waits_for_its_rollout_not_for_a_person(
    stations: Stations,
) -> None:
    arn = registered(stations, stations.a_run())
    assert stations.control.approvals == {arn: "PendingManualApproval"}


@pytest.mark.parametrize("status", ["Approved", "Rejected"])
def test_a_person_is_waited_for_and_the_event_answers(stations: Stations, run: Run, status: str) -> None:
    arn = registered(stations, run)
    stations.model_registry.await_approval(run, arn, "token")
    assert stations.tokens.answers == []
    stations.control.approve(arn, status)
    assert stations.waiting.resource_changed(f"model-package/{arn}") == 1
    assert said(stations, "token")["status"] == status
    assert status in said(stations, "token")["reason"]


def test_a_lap_finds_the_approval_whose_event_was_lost(stations: Stations, run: Run) -> None:
    arn = registered(stations, run)
    stations.model_registry.await_approval(run, arn, "first")
    stations.control.approve(arn)
    stations.model_registry.await_approval(run, arn, "second")
    assert said(stations, "second")["status"] == "Approved"


def test_an_event_of_something_else_than_the_approval_answers_nobody(stations: Stations, run: Run) -> None:
    arn = registered(stations, run)
    stations.model_registry.await_approval(run, arn, "token")
    stations.waiting.resource_changed(f"model-package/{arn}")
    assert stations.tokens.answers == []


def test_silence_for_longer_than_the_declared_hours_is_a_no(stations: Stations, run: Run) -> None:
    arn = registered(stations, run)
    stations.clock.pass_(24 * HOUR)
    registered(stations, run)  # a repeated registration does not begin the time anew
    stations.model_registry.await_approval(run, arn, "token")
    assert said(stations, "token")["status"] == "Expired"
    assert "within 24 hours" in said(stations, "token")["reason"]


def test_the_decision_record_says_who_approved_and_no_token_is_left(stations: Stations, run: Run) -> None:
    arn = registered(stations, run)
    stations.model_registry.await_approval(run, arn, "token")
    stations.control.approvals[arn] = "Rejected"
    stations.settle_run.close(run, Outcome(RunState.REJECTED, "no"))
    record = json.loads(stations.artifacts.read(f"digits/decisions/{run.run_id}.json"))
    assert record["approval"]["package"] == arn
    assert record["approval"]["status"] == "Rejected"
    assert stations.ledger.waits(f"model-package/{arn}") == []
    assert Names(PREFIX, run.model, run.run_id).package_group in arn
