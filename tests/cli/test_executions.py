"""Which executions belong to the one that is followed, and which one is followed without a name."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from cli.records.executions import STARTED_BY, named, newest, read_execution
from tests.quick_moto import mock_aws

RUN = {"model": "digits", "run_id": "digits-1"}


class Machines:
    """Four machines, as the stack names them."""

    def __init__(self) -> None:
        self.client: Any = boto3.client(
            "stepfunctions", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
        self.arn = {
            name: str(
                self.client.create_state_machine(
                    name=f"switchyard-{name}",
                    definition=definition,
                    roleArn="arn:aws:iam::123456789012:role/r",
                )["stateMachineArn"]
            )
            for name in ("retrain", "rollout", "restore", "transform")
        }

    def start(self, machine: str, name: str, **given: Any) -> str:
        started = self.client.start_execution(
            stateMachineArn=self.arn[machine], name=name, input=json.dumps(given)
        )
        return str(started["executionArn"])


@pytest.fixture
def machines() -> Iterator[Machines]:
    with mock_aws():
        yield Machines()


def test_a_run_is_followed_through_its_rollout_and_every_restore(machines: Machines) -> None:
    run = machines.start("retrain", "digits-1", run=RUN)
    rollout = machines.start("rollout", "digits-1", run=RUN, **{STARTED_BY: run})
    machines.start("rollout", "digits-2", run={**RUN, "run_id": "digits-2"})
    machines.start("restore", "0f3c", run=RUN, **{STARTED_BY: rollout})
    machines.start("restore", "digits-1-restore-1", run=RUN)
    machines.start("restore", "digits-0-back-1", run=RUN)
    children = [machines.arn[name] for name in ("rollout", "restore")]
    found = read_execution(machines.client, run, children)
    assert [(child.machine, child.name) for child in found.children] == [
        ("rollout", "digits-1"),
        ("restore", "0f3c"),
        ("restore", "digits-1-restore-1"),
    ]


def test_a_restore_is_not_its_own_child(machines: Machines) -> None:
    arn = machines.start("restore", "digits-1-back-1", run=RUN)
    found = read_execution(machines.client, arn, [machines.arn["restore"]])
    assert (found.machine, found.model, found.children) == ("restore", "digits", ())


def test_a_batch_drop_knows_its_model(machines: Machines) -> None:
    arn = machines.start("transform", "digits-drop", batch={"model": "digits"})
    assert read_execution(machines.client, arn).model == "digits"


def test_a_name_is_looked_for_in_every_machine(machines: Machines) -> None:
    arn = machines.start("transform", "digits-drop", batch={"model": "digits"})
    assert named(machines.client, machines.arn.values(), "digits-drop") == arn
    assert named(machines.client, machines.arn.values(), "digits-none") is None


def test_what_runs_goes_before_what_has_ended(machines: Machines) -> None:
    assert newest(machines.client, machines.arn.values()) is None
    running = machines.start("transform", "digits-drop")
    ended = machines.start("retrain", "digits-1")
    machines.client.stop_execution(executionArn=ended)
    assert newest(machines.client, machines.arn.values()) == running
