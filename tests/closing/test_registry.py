"""Versions in the model registry say how their runs ended: others deploy what is Approved."""

import pytest

from switchyard.core.registry import LONGEST_DESCRIPTION
from switchyard.core.run import Outcome, Run, RunState
from tests.fakes.stations import Stations


@pytest.fixture
def run(stations: Stations) -> Run:
    stations.champion()
    return stations.a_run()


@pytest.fixture
def arn(stations: Stations, run: Run) -> str:
    return stations.model_registry.register(run, "s3://a/model.tar.gz", "digits/evaluations/r/e.json")["arn"]


@pytest.mark.parametrize("state", ["REJECTED", "ROLLED_BACK", "INCONCLUSIVE", "FAILED", "ABORTED"])
def test_what_did_not_earn_its_place_is_rejected_with_the_reason(
    stations: Stations, run: Run, arn: str, state: str
) -> None:
    assert stations.control.approvals == {arn: "PendingManualApproval"}
    stations.settle_run.close(run, Outcome(RunState(state), "errors\n5 of 10"))
    assert stations.control.approvals == {arn: "Rejected"}
    assert stations.control.answers == {arn: f"{state}: errors 5 of 10"}


def test_what_was_promoted_is_approved(stations: Stations, run: Run, arn: str) -> None:
    stations.settle_run.close(run, Outcome(RunState.PROMOTED, "harm is ruled out"))
    assert stations.control.approvals == {arn: "Approved"}
    assert stations.control.answers == {arn: "PROMOTED: harm is ruled out"}


@pytest.mark.parametrize(("state", "wanted"), [("PROMOTED", "Approved"), ("ROLLED_BACK", "Rejected")])
def test_a_person_s_yes_stays_as_it_is_only_while_the_model_does_well(
    stations: Stations, run: Run, arn: str, state: str, wanted: str
) -> None:
    """As a release before this one registered every version: Approved from the beginning."""
    stations.control.approve(arn)
    stations.settle_run.close(run, Outcome(RunState(state), "because"))
    assert stations.control.approvals == {arn: wanted}
    assert bool(stations.control.answers) is (wanted == "Rejected")


def test_a_run_that_dies_while_it_is_settled_is_told_once_more(
    stations: Stations, run: Run, arn: str
) -> None:
    stations.registry.settle(run.model, run.run_id, Outcome(RunState.ROLLED_BACK, "because"))
    stations.settle_run.close(run, Outcome(RunState.ROLLED_BACK, "because"))
    assert stations.control.approvals == {arn: "Rejected"}


def test_what_is_on_record_counts(stations: Stations, run: Run, arn: str) -> None:
    """Whoever finds a run that ended long ago, and thinks that it broke off."""
    stations.settle_run.close(run, Outcome(RunState.PROMOTED, "won"))
    stations.settle_run.close(run, Outcome(RunState.ABORTED, "forgotten"))
    assert stations.control.approvals == {arn: "Approved"}


def test_a_run_without_a_version_and_a_version_that_is_gone_are_no_error(
    stations: Stations, run: Run, arn: str
) -> None:
    stations.control.approvals.clear()
    stations.settle_run.close(run, Outcome(RunState.ROLLED_BACK, "because"))
    stations.registry.settle(run.model, "digits-nobody", Outcome(RunState.FAILED, "because"))
    assert stations.control.approvals == {}


def test_a_description_is_as_long_as_sagemaker_takes_it(stations: Stations, run: Run, arn: str) -> None:
    stations.settle_run.close(run, Outcome(RunState.FAILED, "x" * 5000))
    assert len(stations.control.answers[arn]) == LONGEST_DESCRIPTION
