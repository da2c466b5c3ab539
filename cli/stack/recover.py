"""After an outage: what the pipeline could not see happen is told to it, so that it restores what is to be restored."""

from __future__ import annotations

import json
from typing import Any

import httpx

from cli.stack.outage import Loss, Outage
from cli.stack.stack import Stack

EVENTS_PATH = "/_switchyard/events"  # cli/stack/ministack_patches.py
RESTARTED = "States.ServiceRestart"


def recover(stack: Stack, outage: Outage) -> list[str]:
    """Called when both services are healthy and the stack is deployed; returns what was done, for people.

    May be called again for the same outage, when the first attempt was cut short.
    """
    if outage.ministack is Loss.STOPPED:
        return announce_failed_executions(stack)
    return []


def announce_failed_executions(stack: Stack) -> list[str]:
    """Sends the status events of executions that failed because MiniStack stopped; nobody was there to send them."""
    told = []
    for machine in ("RetrainMachineArn", "RolloutMachineArn", "RestoreMachineArn"):
        if machine not in stack.outputs:
            continue
        for execution in _restarted(stack.client("stepfunctions"), stack.outputs[machine]):
            _send(stack, execution)
            told.append(f"Execution {execution['name']} was cut short by the stop: reported as FAILED.")
    return told


def _restarted(stepfunctions: Any, machine_arn: str) -> list[dict[str, Any]]:
    pages = stepfunctions.get_paginator("list_executions").paginate(
        stateMachineArn=machine_arn, statusFilter="FAILED"
    )
    failed = [execution["executionArn"] for page in pages for execution in page["executions"]]
    described = [stepfunctions.describe_execution(executionArn=arn) for arn in failed]
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
    answer = httpx.post(
        f"{stack.ministack_url}{EVENTS_PATH}", json={"Entries": [entry]}, trust_env=False, timeout=30
    )
    answer.raise_for_status()
