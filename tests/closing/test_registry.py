"""Versions in the model registry say how their runs ended: others deploy what is Approved."""

import pytest

from switchyard.core.registry import LONGEST_DESCRIPTION
from switchyard.core.run import Outcome, Run, RunState
from tests.fakes.rooms import Rooms


@pytest.fixture
def run(rooms: Rooms) -> Run:
    rooms.champion()
    return rooms.a_run()


@pytest.fixture
def arn(rooms: Rooms, run: Run) -> str:
    return rooms.model_registry.register(run, "s3://a/model.tar.gz", "digits/evaluations/r/e.json")["arn"]


@pytest.mark.parametrize("state", ["REJECTED", "ROLLED_BACK", "INCONCLUSIVE", "FAILED", "ABORTED"])
def test_what_did_not_earn_its_place_is_rejected_with_the_reason(
    rooms: Rooms, run: Run, arn: str, state: str
) -> None:
    assert rooms.control.approvals == {arn: "PendingManualApproval"}
    rooms.settle_run.close(run, Outcome(RunState(state), "errors\n5 of 10"))
    assert rooms.control.approvals == {arn: "Rejected"}
    assert rooms.control.answers == {arn: f"{state}: errors 5 of 10"}


def test_what_was_promoted_is_approved(rooms: Rooms, run: Run, arn: str) -> None:
    rooms.settle_run.close(run, Outcome(RunState.PROMOTED, "harm is ruled out"))
    assert rooms.control.approvals == {arn: "Approved"}
    assert rooms.control.answers == {arn: "PROMOTED: harm is ruled out"}


@pytest.mark.parametrize(("state", "wanted"), [("PROMOTED", "Approved"), ("ROLLED_BACK", "Rejected")])
def test_a_person_s_yes_stays_as_it_is_only_while_the_model_does_well(
    rooms: Rooms, run: Run, arn: str, state: str, wanted: str
) -> None:
    """As a release before this one registered every version: Approved from the beginning."""
    rooms.control.approve(arn)
    rooms.settle_run.close(run, Outcome(RunState(state), "because"))
    assert rooms.control.approvals == {arn: wanted}
    assert bool(rooms.control.answers) is (wanted == "Rejected")


def test_a_run_that_dies_while_it_is_settled_is_told_once_more(rooms: Rooms, run: Run, arn: str) -> None:
    rooms.registry.settle(run.model, run.run_id, Outcome(RunState.ROLLED_BACK, "because"))
    rooms.settle_run.close(run, Outcome(RunState.ROLLED_BACK, "because"))
    assert rooms.control.approvals == {arn: "Rejected"}


def test_what_is_on_record_counts(rooms: Rooms, run: Run, arn: str) -> None:
    """Whoever finds a run that ended long ago, and thinks that it broke off."""
    rooms.settle_run.close(run, Outcome(RunState.PROMOTED, "won"))
    rooms.settle_run.close(run, Outcome(RunState.ABORTED, "forgotten"))
    assert rooms.control.approvals == {arn: "Approved"}


def test_a_run_without_a_version_and_a_version_that_is_gone_are_no_error(
    rooms: Rooms, run: Run, arn: str
) -> None:
    rooms.control.approvals.clear()
    rooms.settle_run.close(run, Outcome(RunState.ROLLED_BACK, "because"))
    rooms.registry.settle(run.model, "digits-nobody", Outcome(RunState.FAILED, "because"))
    assert rooms.control.approvals == {}


def test_a_description_is_as_long_as_sagemaker_takes_it(rooms: Rooms, run: Run, arn: str) -> None:
    rooms.settle_run.close(run, Outcome(RunState.FAILED, "x" * 5000))
    assert len(rooms.control.answers[arn]) == LONGEST_DESCRIPTION
