"""Steering a run by command: who is meant, what is done, and what is refused."""

import io
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest
import typer
from typer.testing import CliRunner, Result

from cli.main import app
from cli.requests.verbs import VERBS
from cli.stack.access import DeployedStack
from cli.stack.errors import RefusedError
from switchyard.core.champion import Champion
from switchyard.core.ledger.waits import Wait
from switchyard.core.run import RunState
from tests.cli.deployed import MACHINE, Deployed
from tests.cli.settled_runs import BEGAN, CHAMPION, RUN, RUN_ID, SOURCE, Desk

WAITING = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}})


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


COMMANDS: Mapping[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


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
    deployed.ledger.save_wait(Wait(f"model-package/{arn}", f"{RUN_ID}#AwaitApproval", "token", {}, {}))
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


@pytest.mark.parametrize("command", ["approve", "reject"])
def test_a_version_that_waits_for_its_rollout_waits_for_nobody(
    stack: Deployed, deployed: Desk, package: str, command: str
) -> None:
    [wait] = deployed.ledger.waits(f"model-package/{package}")
    deployed.ledger.end_wait(wait)
    answer = call(command, RUN_ID, "--reason", "yes")
    assert answer.exit_code == 2
    assert "waits for nobody's answer" in answer.output
    found = stack.client("sagemaker").describe_model_package(ModelPackageName=package)
    assert found["ModelApprovalStatus"] == "PendingManualApproval"


def test_a_run_that_registered_nothing_cannot_be_approved(deployed: Desk) -> None:
    deployed.admit(RunState.RUNNING)
    answer = call("approve", RUN_ID, "--reason", "yes")
    assert answer.exit_code == 2
    assert "has registered no model yet" in answer.output


def test_an_answer_wants_a_reason(deployed: Desk) -> None:
    deployed.admit(RunState.RUNNING)
    assert call("approve", RUN_ID).exit_code == 2


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS])
def test_every_verb_has_the_same_options(verb: str) -> None:
    """Also `rollback`, which is about a model."""
    for name in (verb, "rollback"):
        options = {each for parameter in COMMANDS[name].params for each in parameter.opts}
        assert {"--reason", "--stack", "--profile", "--region", "--json"} <= options, name


def test_a_reason_of_blanks_is_none(deployed: Desk) -> None:
    deployed.admit(RunState.RUNNING)
    answer = call("abort", RUN_ID, "--reason", "  ")
    assert answer.exit_code == 2
    assert "Without a reason abort is not done" in answer.output


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


@pytest.mark.parametrize("state", [RunState.ADMITTED, RunState.WAITING, RunState.RESTORING])
def test_without_an_execution_there_is_nothing_to_abort(deployed: Desk, state: RunState) -> None:
    deployed.admit(state)
    answer = call("abort", RUN_ID, "--reason", "wrong file")
    assert answer.exit_code == 2
    assert f"is {state}" in answer.output


@pytest.mark.usefixtures("package")
def test_a_run_that_has_ended_takes_no_answer(deployed: Desk) -> None:
    deployed.ledger.set_state("digits", RUN_ID, RunState.ABORTED, "stopped")
    answer = call("approve", RUN_ID, "--reason", "yes")
    assert answer.exit_code == 2
    assert "has ended: ABORTED" in answer.output


def test_a_batch_drop_is_neither_stopped_nor_trained_on(deployed: Desk) -> None:
    source = "s3://data/digits/batch/a.csv"
    for state, command in ((RunState.RUNNING, "abort"), (RunState.SCORED, "retry")):
        deployed.upload(state, "", "digits-batch-1", source)
        answer = call(command, "digits-batch-1", "--reason", "wrong file")
        assert answer.exit_code == 2
        assert "is a batch drop" in answer.output


class Lambda:
    """Answers every request for a run with the same new one."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's words
        assert FunctionName == "admit"
        self.asked.append(json.loads(Payload)["retrain"])
        answer = {"run_id": "digits-eeeeeeeeeeee", "became": "RUNNING"}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.mark.parametrize("source", [SOURCE, "by hand", "schedule"])
def test_a_retry_takes_the_dataset_that_the_run_had_whoever_started_it(
    stack: Deployed, deployed: Desk, source: str
) -> None:
    run = replace(RUN, source=source)
    deployed.ledger.create_run(run, BEGAN)
    deployed.ledger.set_state("digits", RUN_ID, RunState.FAILED, "a disk was full")
    deployed.snapshot()
    stack.clients["lambda"] = asked = Lambda()
    stack.outputs = {**stack.outputs, "AdmitDatasetFunctionName": "admit"}
    answer = call("retry", RUN_ID, "--reason", "the disk is larger now", "--json")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["said"].startswith("digits-eeeeeeeeeeee: RUNNING.")
    [request] = asked.asked
    assert request["key"] == "digits/train/v2.csv"
    assert request["why"] == f"retry of {RUN_ID}: the disk is larger now"


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


class Restores:
    """Step Functions that carries out a restore at once, in the ledger."""

    def __init__(self, desk: Desk, champion: Champion) -> None:
        self.asked: list[dict[str, Any]] = []
        self._desk, self._champion = desk, champion

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, str]:  # noqa: N803
        assert stateMachineArn == "restore"
        self.asked.append(json.loads(input))
        self._desk.ledger.set_champion("digits", self._champion)
        return {"executionArn": name}

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803
        return {"status": "SUCCEEDED", "executionArn": executionArn}


@pytest.fixture
def restores(stack: Deployed, deployed: Desk) -> Restores:
    """RUN_ID serves, CHAMPION was champion before."""
    before, now = (Champion(run_id, "config", "model", "schema", "0" * 64) for run_id in (CHAMPION, RUN_ID))
    deployed.ledger.create_run(RUN, BEGAN)
    for champion in (before, now):
        deployed.ledger.set_champion("digits", champion)
    stack.clients["stepfunctions"] = found = Restores(deployed, before)
    stack.outputs = {**stack.outputs, "RestoreMachineArn": "restore"}
    return found


def test_a_model_goes_back_with_the_reason(restores: Restores) -> None:
    answer = call("rollback", "digits", "--reason", "complaints from Lyon")
    assert answer.exit_code == 0, answer.output
    [asked] = restores.asked
    assert asked["back"] == {"to": "", "reason": "complaints from Lyon"}
    assert asked["run"] == RUN.to_dict()
    assert f"digits: {CHAMPION} serves; it was {RUN_ID}." in answer.output


def test_a_deployed_stack_goes_back_too(
    stack: Deployed, restores: Restores, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[tuple[Any, ...]] = []

    def load(*named: Any) -> Deployed:
        loaded.append(named)
        return stack

    monkeypatch.setattr(DeployedStack, "load", load)
    answer = call("rollback", "digits", "--stack", "prod", "--region", "eu-central-1", "--json")
    assert answer.exit_code == 0, answer.output
    assert loaded == [("prod", "", "eu-central-1", True)]
    assert f"{CHAMPION} serves" in json.loads(answer.stdout)["said"]
    assert len(restores.asked) == 1


@pytest.mark.usefixtures("restores")
def test_there_is_no_way_back_to_a_stranger_nor_while_a_run_is_under_way(deployed: Desk) -> None:
    answer = call("rollback", "digits", "--to", "digits-gone")
    assert answer.exit_code == 2
    assert f"Ways back: {CHAMPION}" in answer.output
    deployed.ledger.acquire("digits", "digits-eeeeeeeeeeee")
    answer = call("rollback", "digits")
    assert answer.exit_code == 2
    assert "`switchyard abort digits-eeeeeeeeeeee` ends it" in " ".join(answer.output.split())


@pytest.mark.usefixtures("restores")
def test_a_run_that_has_ended_is_waited_for_until_it_is_settled(
    deployed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.ledger.acquire("digits", RUN_ID)
    deployed.ledger.set_state("digits", RUN_ID, RunState.PROMOTED)
    monkeypatch.setattr(time, "sleep", lambda _: deployed.ledger.release("digits", RUN_ID))
    answer = call("rollback", "digits")
    assert answer.exit_code == 0, answer.output


def test_without_a_champion_there_is_no_way_back(deployed: Desk) -> None:
    deployed.admit(RunState.RUNNING)
    answer = call("rollback", "digits")
    assert answer.exit_code == 2
    assert "has no champion" in answer.output
