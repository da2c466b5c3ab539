"""An execution of a state machine as people follow it: its states in order, and those of the executions it started."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from cli.records.history import visits

STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"


@dataclass(frozen=True)
class State:
    """One visit to a state. seconds: how long it took, None while it lasts; failed: an error left it."""

    name: str
    entered: datetime
    seconds: float | None = None
    failed: bool = False


@dataclass(frozen=True)
class Execution:
    """status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED. transitions: states entered so far."""

    arn: str
    name: str
    status: str
    model: str
    states: tuple[State, ...]
    error: str = ""
    children: tuple[Execution, ...] = ()
    began: datetime | None = None

    @property
    def machine(self) -> str:
        """The state machine's name without the stack's prefix: retrain, rollout, restore or transform."""
        return self.arn.split(":")[-2].rpartition("-")[2] if ":" in self.arn else ""

    @property
    def transitions(self) -> int:
        return len(self.states) + sum(child.transitions for child in self.children)

    @property
    def is_over(self) -> bool:
        return self.status != "RUNNING"


def newest(stepfunctions: Any, machine_arns: Iterable[str]) -> str | None:
    """ARN of the execution that runs, or else of the one that started last; None when there was none."""
    machines = tuple(machine_arns)
    for status in ("RUNNING", None):
        chosen = {"statusFilter": status} if status else {}
        found = [
            execution
            for machine in machines
            for execution in stepfunctions.list_executions(stateMachineArn=machine, maxResults=100, **chosen)[
                "executions"
            ]
        ]
        if found:
            return str(max(found, key=lambda execution: execution["startDate"])["executionArn"])
    return None


def named(stepfunctions: Any, machine_arns: Iterable[str], name: str) -> str | None:
    """ARN of the execution of this name, of the first machine that has one; None when none has."""
    for machine in machine_arns:
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        try:
            stepfunctions.describe_execution(executionArn=arn)
        except stepfunctions.exceptions.ExecutionDoesNotExist:
            continue
        return arn
    return None


def read_execution(stepfunctions: Any, arn: str, child_machine_arns: Iterable[str] = ()) -> Execution:
    """The execution with its states, and the executions of other machines that it, or one of those, started; also the
    restores that SettleRun started for it. Machines in the order in which they start each other.
    """
    execution = _read(stepfunctions, arn)
    children: list[Execution] = []
    for machine in child_machine_arns:
        family = {arn, *(child.arn for child in children)}
        listed = stepfunctions.list_executions(stateMachineArn=machine, maxResults=50)["executions"]
        children += [
            _read(stepfunctions, child["executionArn"])
            for child in sorted(reversed(listed), key=lambda each: each["startDate"])  # listed newest first
            if child["executionArn"] != arn
            and (execution.began is None or child["startDate"] >= execution.began)
            and belongs(child["executionArn"], execution.name, family, partial(started_by, stepfunctions))
        ]
    return replace(execution, children=tuple(children))


def belongs(arn: str, run: str, family: Collection[str], starter: Callable[[str], str]) -> bool:
    """Is the execution of a run's family: named after the run, or a restore that SettleRun started for it, or started
    by one of the family? starter: ARN -> who started it, asked only where the name does not tell."""
    own = arn.rpartition(":")[2]
    return own == run or own.startswith(f"{run}-restore-") or starter(arn) in family


def _read(stepfunctions: Any, arn: str) -> Execution:
    described = stepfunctions.describe_execution(executionArn=arn)
    pages = stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"]]
    cause = described.get("cause") or ""
    error = f"{described['error']}: {message(cause)}" if described.get("error") else ""
    began = described.get("startDate")
    name, status = described["name"], described["status"]
    return Execution(arn, name, status, _model(described), states(events), error, began=began)


def states(events: Iterable[Mapping[str, Any]]) -> tuple[State, ...]:
    """Visits in the order of their beginning, from the events of an execution's history."""
    return tuple(State(each.name, each.entered, each.seconds, each.failed) for each in visits(events))


def started_by(stepfunctions: Any, arn: str) -> str:
    """ARN of the execution that started this one, as its input says; "" where it says nothing."""
    return str(input_of(stepfunctions.describe_execution(executionArn=arn)).get(STARTED_BY, ""))


def _model(described: Mapping[str, Any]) -> str:
    given = input_of(described)
    subject = given.get("run") or given.get("batch") or {}
    return str(subject.get("model", "")) if isinstance(subject, dict) else ""


def input_of(described: Mapping[str, Any]) -> dict[str, Any]:
    """An execution's input; {} where it is no JSON object."""
    try:
        found = json.loads(described.get("input") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def message(cause: str) -> str:
    """The message inside a Lambda's cause, or the first line of any other."""
    try:
        found = json.loads(cause)
    except ValueError:
        found = None
    text = str(found.get("errorMessage", cause)) if isinstance(found, dict) else cause
    return text.splitlines()[0] if text else ""
