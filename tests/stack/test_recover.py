"""What `up` does after an outage: all is told once, sweeps go on until none is left, and nobody runs in circles."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from cli.local import recover
from cli.requests.sweep import run_sweep
from cli.stack.errors import StackError

ARN = "arn:aws:states:us-east-1:000000000000:execution:switchyard-retrain:"


@dataclass
class Machines:
    """Step Functions with executions that MiniStack's stop has failed: name -> when, in seconds since the epoch."""

    failed: dict[str, float]

    def get_paginator(self, _: str) -> "Machines":
        return self

    def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
        own = asked["stateMachineArn"] == "RetrainMachineArn"
        yield {"executions": [self._item(name) for name in self.failed] if own else []}

    def _item(self, name: str) -> dict[str, Any]:
        moment = datetime.fromtimestamp(self.failed[name], UTC)
        return {"executionArn": ARN + name, "name": name, "startDate": moment, "stopDate": moment}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 boto3's word
        return {**self._item(executionArn.removeprefix(ARN)), "error": recover.RESTARTED}


@dataclass
class Sweeps:
    """Lambda, whose sweeps answer one after the other."""

    answers: list[dict[str, Any]]
    asked: list[dict[str, bool]] = field(default_factory=list)

    def invoke(self, *, Payload: bytes, **_: str) -> dict[str, Any]:  # noqa: N803 boto3's word
        self.asked.append(json.loads(Payload))
        content = self.answers.pop(0)
        error = {"FunctionError": "Unhandled"} if "errorMessage" in content else {}
        return {"Payload": io.BytesIO(json.dumps(content).encode()), **error}


@dataclass
class Local:
    """As much of the stack as a recovery asks for."""

    machines: Machines = field(default_factory=lambda: Machines({}))
    sweeps: Sweeps = field(default_factory=lambda: Sweeps([]))

    def client(self, _: str) -> Machines:
        return self.machines

    def patient_client(self, _: str, seconds: float) -> Sweeps:
        assert seconds > 300  # the function's own Timeout: nobody asks a second time while it works
        return self.sweeps

    def output(self, name: str) -> str:
        return name


def sweeping(*answers: dict[str, Any]) -> Any:
    """A stack whose sweeps answer so."""
    return Local(sweeps=Sweeps(list(answers)))


def swept(*lines: str, unfinished: bool = False) -> dict[str, Any]:
    return {"done": list(lines), "unfinished": unfinished}


def test_an_execution_that_was_cut_short_is_reported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(recover, "_send", lambda _, execution: sent.append(execution["name"]))
    stack: Any = Local(Machines({"last-week": 100.0, "today": 200.0}))
    assert len(recover.announce_failed_executions(stack, 0.0)) == 2
    recover.announce_failed_executions(stack, 150.0)
    assert sent == ["last-week", "today", "today"]


def test_sweeps_follow_until_no_model_is_left_and_tell_of_the_loss_once() -> None:
    stack = sweeping(swept("one", unfinished=True), swept("two", unfinished=True), swept("three"))
    assert run_sweep(stack, ledger_lost=True) == ["one", "two", "three"]
    assert [asked["ledger_lost"] for asked in stack.sweeps.asked] == [True, False, False]


def test_a_sweep_that_takes_longer_than_its_function_may_goes_on_by_itself() -> None:
    stack = sweeping({"errorMessage": "Task timed out after 300.00 seconds"})
    [said] = run_sweep(stack)
    assert "goes on" in said


def test_a_sweep_that_fails_does_not_ask_for_the_same_command_again() -> None:
    stack = sweeping({"errorMessage": "AccessDenied"})
    with pytest.raises(StackError, match="AccessDenied") as raised:
        run_sweep(stack)
    assert "switchyard up" not in raised.value.next_step


def test_what_takes_longer_than_up_waits_is_told_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recover, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(recover, "endpoints", lambda _: [])
    monkeypatch.setattr(recover, "_unsettled", lambda _: [f"run-{n} is RUNNING" for n in range(963)])
    stack: Any = Local()
    [said] = recover.settled(stack)
    assert "run-0 is RUNNING" in said
    assert "and 958 more" in said
    assert "by itself" in said
