"""Going back to a champion of before: starts the restore machine, which does it, and waits for its end."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from cli.stack.errors import StackError
from cli.stack.stack import Stack
from switchyard.core.execution_end import readable

SECONDS = 600.0
LAP_SECONDS = 60


@dataclass(frozen=True)
class Champions:
    """Run ids: who is champion, and who was, newest first."""

    now: str
    former: tuple[str, ...]


def champions(stack: Stack, model: str) -> Champions:
    """StackError where the model has no champion."""
    key = {"pk": {"S": f"MODEL#{model}"}, "sk": {"S": "CHAMPION"}}
    table = stack.output("LedgerTableName")
    item = stack.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    if item is None:
        raise StackError(
            f"Model {model} has no champion.", "`switchyard runs` lists the models that have runs."
        )
    former = json.loads(item["former"]["S"])
    return Champions(item["run_id"]["S"], tuple(each["run_id"] for each in former))


def go_back(stack: Stack, model: str, to: str, reason: str) -> Champions:
    """The champions afterwards. `to`: a run id, or "" for the champion before the present one."""
    client, now = stack.client("stepfunctions"), champions(stack, model)
    document = {
        "run": _run(stack, model, now.now),
        "laps": {"endpoint": LAP_SECONDS},
        "back": {"to": to, "reason": reason},
    }
    arn = client.start_execution(
        stateMachineArn=stack.output("RestoreMachineArn"),
        name=f"{now.now}-back-{time.time():.0f}",
        input=json.dumps(document),
    )["executionArn"]
    _await(client, arn)
    return champions(stack, model)


def _run(stack: Stack, model: str, run_id: str) -> dict[str, Any]:
    key = {"pk": {"S": f"MODEL#{model}"}, "sk": {"S": f"RUN#{run_id}"}}
    item = stack.client("dynamodb").get_item(TableName=stack.output("LedgerTableName"), Key=key)["Item"]
    run: dict[str, Any] = json.loads(item["run"]["S"])
    return run


def _await(client: Any, arn: str) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = client.describe_execution(executionArn=arn)
        if found["status"] == "SUCCEEDED":
            return
        if found["status"] != "RUNNING":
            why = readable(found.get("error", ""), found.get("cause", ""))
            raise StackError(
                f"The restore machine ended {found['status']}: {why}", "Mend that, then try again."
            )
        time.sleep(0.5)
    raise StackError(f"{arn} still runs after {SECONDS:.0f} s.", "Look at `switchyard status`.")
