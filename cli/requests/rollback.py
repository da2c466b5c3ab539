"""Going back to a former champion: starts the restore machine, which does it, and waits for its end."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from cli.report.facts import RUN_ID
from cli.report.sources import sources_of
from cli.stack.access import Access
from cli.stack.errors import RefusedError, StackError
from switchyard.core.execution_end import readable

SECONDS = 600.0
SETTLE_SECONDS = 120.0
LOOK_SECONDS = 0.5
LAP_SECONDS = 60
EFFECT = "Make a former champion the champion again and give it all traffic."


@dataclass(frozen=True)
class Champions:
    """Run ids: who is champion, and who was, newest first."""

    now: str
    former: tuple[str, ...]


def champions(stack: Access, model: str) -> Champions:
    """RefusedError where the model has no champion."""
    kept = [each.run_id for each in sources_of(stack).ledger.kept_champions(model)]
    if not kept:
        raise RefusedError(
            f"Model {model} has no champion.", "`switchyard runs` lists the models that have runs."
        )
    return Champions(kept[0], tuple(kept[1:]))


def check(stack: Access, model: str, to: str) -> Champions:
    """The champions as they are. RefusedError while a run is under way, and where there is no such way back."""
    found, active = champions(stack, model), _under_way(stack, model)
    if active is not None:
        raise RefusedError(
            f"Run {active} of model {model} is under way, and could promote its own model over this.",
            f"`switchyard abort {active}` ends it; then go back.",
        )
    if not found.former or to not in ("", found.now, *found.former):
        raise RefusedError(
            f"Model {model} has no way back to {to or 'a former champion'}.",
            f"Ways back: {', '.join(found.former) or 'none; it had one champion so far'}.",
        )
    return found


def _under_way(stack: Access, model: str) -> str | None:
    """The run that could still promote its model. One that has ended is waited for until it is settled."""
    ledger, deadline = sources_of(stack).ledger, time.monotonic() + SETTLE_SECONDS
    while (active := ledger.active(model)) is not None and time.monotonic() < deadline:
        state = ledger.state(model, active)
        if state is None or not state.is_terminal:
            return active
        time.sleep(LOOK_SECONDS)
    return active


def begin(stack: Access, model: str, to: str, reason: str) -> str:
    """The ARN of the restore that goes back. `to`: a run id, or "" for the champion before the present one.
    RefusedError as `check` raises it.
    """
    now = check(stack, model, to)
    document = {
        "run": sources_of(stack).ledger.run(model, now.now).to_dict(),
        "laps": {"endpoint": LAP_SECONDS},
        "back": {"to": to, "reason": reason},
    }
    started = stack.client("stepfunctions").start_execution(
        stateMachineArn=stack.output("RestoreMachineArn"),
        name=f"{now.now}-back-{time.time():.0f}",
        input=json.dumps(document),
    )
    return str(started["executionArn"])


def is_way_back(execution: str, model: str) -> bool:
    """Is an execution of the restore machine, by its name, one that `begin` started for the model?"""
    run_id, _, moment = execution.partition("-back-")
    found = RUN_ID.fullmatch(run_id)
    return found is not None and found["model"] == model and moment.isdigit()


def go_back(stack: Access, model: str, to: str, reason: str) -> Champions:
    """The champions afterwards, once the restore has ended."""
    _await(stack.client("stepfunctions"), begin(stack, model, to, reason))
    return champions(stack, model)


def _await(client: Any, arn: str) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = client.describe_execution(executionArn=arn)
        if found["status"] == "SUCCEEDED":
            return
        if found["status"] != "RUNNING":
            why = readable(found.get("error", ""), found.get("cause", ""))
            raise StackError(
                f"The restore machine ended {found['status']}: {why}", "Correct that, then try again."
            )
        time.sleep(LOOK_SECONDS)
    raise StackError(f"{arn} still runs after {SECONDS:.0f} s.", "Look at `switchyard status`.")
