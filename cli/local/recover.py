"""After an outage: what the pipeline could not see happen is told to it, and it restores what is to be restored.

Nothing is repaired from here. Executions that can go nowhere are stopped, ends that nobody announced are announced, and
the sweep is started; SettleRun and the restore machine then do what they do on AWS. We wait for them for a while; what
takes longer goes on without us, for the sweep comes again by its schedule.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from cli.records.endpoints import endpoints
from cli.records.ledger import Line, read_lines
from cli.records.run_state import is_terminal
from cli.requests.sweep import run_sweep
from cli.stack.loopback import post
from cli.stack.ministack.own_paths import EVENTS_PATH
from cli.stack.outage import Loss, Outage
from cli.stack.stack import Stack

RESTARTED = "States.ServiceRestart"
MACHINES = ("RetrainMachineArn", "RolloutMachineArn", "RestoreMachineArn")
SETTLE_SECONDS = 120.0
TOLD = 5  # of what is not settled; the others are counted


def recover(stack: Stack, outage: Outage) -> list[str]:
    """Called when both services are healthy and the stack is deployed; returns what was done, for people.

    May be called again for the same outage, when the first attempt was cut short.
    """
    if not outage or "RetrainMachineArn" not in stack.outputs:
        return []
    told: list[str] = []
    if outage.ministack is Loss.STOPPED:
        told += announce_failed_executions(stack, outage.since)
    elif outage.plane and outage.ministack is Loss.NOTHING:
        told += stop_running_executions(stack)
    told += run_sweep(stack, ledger_lost=outage.ledger_lost)
    return told + settled(stack)


def stop_running_executions(stack: Stack) -> list[str]:
    """Runs that were under way when the local SageMaker died: their canary is not trusted any more."""
    stepfunctions = stack.client("stepfunctions")
    told = []
    for execution in _executions(stack, stack.output("RetrainMachineArn"), "RUNNING"):
        cause = "the local SageMaker died while this run was under way"
        stepfunctions.stop_execution(executionArn=execution["executionArn"], error="Outage", cause=cause)
        told.append(f"Run {execution['name']} was under way: stopped.")
    return told


def announce_failed_executions(stack: Stack, since: float) -> list[str]:
    """Sends the status events of executions that failed because MiniStack stopped; nobody was there to send them.

    since: those that failed earlier were told of by an `up` before this one.
    """
    told = []
    for machine in MACHINES:
        for execution in _restarted(stack, stack.output(machine), since):
            _send(stack, execution)
            told.append(f"Execution {execution['name']} was cut short by the stop: reported as FAILED.")
    return told


def settled(stack: Stack) -> list[str]:
    """Waits a while until every run has ended and every endpoint serves; says who serves what, and what goes on."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while (unsettled := _unsettled(stack)) and time.monotonic() < deadline:
        time.sleep(0.5)
    serving = [f"Endpoint {each.name} serves {each.traffic}." for each in endpoints(stack)]
    return serving + _goes_on(unsettled)


def _goes_on(unsettled: list[str]) -> list[str]:
    if not unsettled:
        return []
    more = f" and {len(unsettled) - TOLD} more" if len(unsettled) > TOLD else ""
    what = "; ".join(unsettled[:TOLD])
    return [
        f"Not settled yet: {what}{more}. It goes on by itself: `switchyard runs` and `switchyard watch` show it."
    ]


def _unsettled(stack: Stack) -> list[str]:
    runs = [line for line in _newest_by_run(stack) if not is_terminal(line.state)]
    restoring = _executions(stack, stack.output("RestoreMachineArn"), "RUNNING")
    return (
        [f"{line.run_id} is {line.state}" for line in runs]
        + [f"restore {execution['name']} is under way" for execution in restoring]
        + [
            f"endpoint {each.name} is {each.status}"
            for each in endpoints(stack)
            if each.status != "InService"
        ]
    )


def _newest_by_run(stack: Stack) -> list[Line]:
    return list({line.run_id: line for line in read_lines(stack) if line.run_id}.values())


def _executions(stack: Stack, machine_arn: str, status: str) -> Iterator[dict[str, Any]]:
    pages = stack.client("stepfunctions").get_paginator("list_executions")
    for page in pages.paginate(stateMachineArn=machine_arn, statusFilter=status):
        yield from page["executions"]


def _restarted(stack: Stack, machine_arn: str, since: float) -> list[dict[str, Any]]:
    client = stack.client("stepfunctions")
    failed = _executions(stack, machine_arn, "FAILED")
    unseen = [each["executionArn"] for each in failed if each["stopDate"].timestamp() >= since]
    described = [client.describe_execution(executionArn=arn) for arn in unseen]
    return [execution for execution in described if execution.get("error") == RESTARTED]


def _send(stack: Stack, execution: dict[str, Any]) -> None:
    fields = ("executionArn", "stateMachineArn", "name", "status", "input", "error", "cause")
    detail: dict[str, Any] = {field: execution.get(field) for field in fields}
    detail["startDate"] = int(execution["startDate"].timestamp() * 1000)
    detail["stopDate"] = int(execution["stopDate"].timestamp() * 1000)
    entry = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Detail": json.dumps(detail | {"output": None}),
        "Resources": [execution["executionArn"]],
    }
    post(f"{stack.ministack_url}{EVENTS_PATH}", stack.keys, json.dumps({"Entries": [entry]}).encode())
