"""Steering a run by command: who is meant, what is done, and what is refused."""

import json

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from switchyard.core.ledger.waits import Wait
from switchyard.core.run import RunState
from tests.cli.deployed import MACHINE, Deployed
from tests.cli.settled_runs import RUN, RUN_ID, Desk

WAITING = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}})


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def package(stack: Deployed, deployed: Desk) -> str:
    """The model package of a run that waits for a person."""
    client = stack.client("sagemaker")
    client.create_model_package_group(ModelPackageGroupName="switchyard-digits")
    arn = str(
        client.create_model_package(
            ModelPackageGroupName="switchyard-digits", ModelApprovalStatus="PendingManualApproval"
        )["ModelPackageArn"]
    )
    deployed.admit(RunState.RUNNING)
    deployed.ledger.note_package(RUN, arn)
    return arn


@pytest.mark.parametrize(("command", "status"), [("approve", "Approved"), ("reject", "Rejected")])
def test_a_persons_answer_stands_in_the_registry_with_its_reason(
    stack: Deployed, package: str, command: str, status: str
) -> None:
    answer = call(command, RUN_ID, "--reason", "looked at the slices")
    assert answer.exit_code == 0, answer.output
    found = stack.client("sagemaker").describe_model_package(ModelPackageName=package)
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == (status, "looked at the slices")


@pytest.mark.usefixtures("package")
def test_what_was_answered_once_is_not_answered_again() -> None:
    call("approve", RUN_ID, "--reason", "yes")
    answer = call("reject", RUN_ID, "--reason", "no")
    assert answer.exit_code == 2
    assert "is Approved already" in answer.output


def test_a_run_that_registered_nothing_cannot_be_approved(deployed: Desk) -> None:
    deployed.admit(RunState.RUNNING)
    answer = call("approve", RUN_ID, "--reason", "yes")
    assert answer.exit_code == 2
    assert "has registered no model yet" in answer.output


def test_an_answer_wants_a_reason(deployed: Desk) -> None:
    deployed.admit(RunState.RUNNING)
    assert call("approve", RUN_ID).exit_code == 2


def test_an_aborted_run_is_stopped_with_the_reason(stack: Deployed, deployed: Desk) -> None:
    deployed.admit(RunState.RUNNING)
    client = stack.client("stepfunctions")
    role = "arn:aws:iam::123456789012:role/any"
    made = client.create_state_machine(name="switchyard-retrain", definition=WAITING, roleArn=role)
    assert made["stateMachineArn"] == MACHINE
    arn = client.start_execution(stateMachineArn=MACHINE, name=RUN_ID)["executionArn"]
    answer = call("abort", RUN_ID, "--reason", "wrong file")
    assert answer.exit_code == 0, answer.output
    found = client.describe_execution(executionArn=arn)
    assert found["status"] == "ABORTED"


def test_a_run_that_has_ended_is_not_aborted(deployed: Desk) -> None:
    deployed.decide(RunState.PROMOTED)
    answer = call("abort", RUN_ID, "--reason", "too late")
    assert answer.exit_code == 2
    assert "has ended: PROMOTED" in answer.output
    assert "switchyard rollback" in answer.output


def test_a_run_under_way_is_not_retried(deployed: Desk) -> None:
    deployed.admit(RunState.RUNNING)
    answer = call("retry", RUN_ID)
    assert answer.exit_code == 2
    assert f"switchyard abort {RUN_ID}" in answer.output


@pytest.mark.parametrize("command", ["show", "why", "report"])
def test_a_name_that_is_nearly_right_is_told(deployed: Desk, command: str) -> None:
    deployed.decide(RunState.PROMOTED)
    answer = call(command, "digits-ababababababx")
    assert answer.exit_code == 2
    assert f"Did you mean {RUN_ID}" in " ".join(answer.output.split())


def test_a_deployed_stack_is_changed_only_by_commands_that_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from cli.stack.access import DeployedStack
    from cli.stack.errors import RefusedError

    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    session = boto3.Session(region_name="us-east-1")
    looking = DeployedStack("prod", session, {})
    with pytest.raises(RefusedError):
        looking.client("stepfunctions").stop_execution(executionArn=f"{MACHINE}:x")


@pytest.fixture
def rollout(deployed: Desk) -> Desk:
    """A rollout at its second step, that waits for evidence."""
    deployed.admit(RunState.RUNNING)
    deployed.ledger.save_rollout(RUN_ID, {"model": "digits", "stage": 1})
    deployed.ledger.save_wait(Wait(f"rollout/{RUN_ID}", "JudgeWindow", "t", {}, {"stage": 1}))
    return deployed


@pytest.mark.parametrize("command", ["hold", "resume", "step", "promote"])
def test_an_order_stands_in_the_rollouts_record_with_its_reason_and_step(rollout: Desk, command: str) -> None:
    answer = call(command, RUN_ID, "--reason", "change freeze")
    assert answer.exit_code == 0, answer.output
    [given] = rollout.ledger.orders(RUN_ID)
    assert (given["order"], given["reason"], given["stage"]) == (command, "change freeze", 1)
    assert "step 2" in answer.output


def test_orders_are_kept_one_after_another(rollout: Desk) -> None:
    call("hold", RUN_ID, "--reason", "change freeze")
    call("resume", RUN_ID, "--reason", "it is over")
    assert [each["order"] for each in rollout.ledger.orders(RUN_ID)] == ["hold", "resume"]


def test_a_run_without_a_rollout_takes_no_order(deployed: Desk) -> None:
    deployed.admit(RunState.RUNNING)
    answer = call("hold", RUN_ID, "--reason", "change freeze")
    assert answer.exit_code == 2
    assert "has no rollout that waits for evidence" in answer.output


def test_traffic_in_sagemakers_hands_takes_no_order(rollout: Desk) -> None:
    rollout.ledger.save_rollout(RUN_ID, {"guardrails": json.dumps({"traffic": "canary"})})
    answer = call("step", RUN_ID, "--reason", "quick")
    assert answer.exit_code == 2
    assert "in SageMaker's hands" in answer.output
