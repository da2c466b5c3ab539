"""A sweep, asked for now: what events lost is found and mended by the function that does it every 15 minutes."""

from __future__ import annotations

import json

from cli.stack.access import DeployedStack
from cli.stack.errors import StackError
from cli.stack.stack import Stack

SWEEP_SECONDS = 330.0  # the function's Timeout, and the time it may take to begin
TIMED_OUT = "timed out"  # Lambda's own words: "Task timed out after 300.00 seconds"


def run_sweep(stack: Stack | DeployedStack, *, ledger_lost: bool = False, dry_run: bool = False) -> list[str]:
    """Sweeps until no model is left that there was no time for; what was done, or is amiss, a line each."""
    said: list[str] = []
    is_left = True
    while is_left:
        lines, is_left = _sweep_once(stack, {"ledger_lost": ledger_lost, "dry_run": dry_run})
        ledger_lost = False  # once is enough: it is remembered
        said += lines
    return said


def _sweep_once(stack: Stack | DeployedStack, asked: dict[str, bool]) -> tuple[list[str], bool]:
    """What one sweep did, and whether it left models for the next. It is asked once: two at once would do no more."""
    client = stack.patient_client("lambda", SWEEP_SECONDS)
    answer = client.invoke(FunctionName=stack.output("SweepFunctionName"), Payload=json.dumps(asked).encode())
    content = json.loads(answer["Payload"].read())
    if "FunctionError" not in answer:
        return [str(line) for line in content["done"]], bool(content["unfinished"]) and not asked["dry_run"]
    said = str(content.get("errorMessage"))
    if TIMED_OUT in said:
        return ["The sweep had no time for all; it goes on where it was every 15 minutes."], False
    raise StackError(
        f"The sweep failed: {said}", "`switchyard doctor` says which part of the stack is broken."
    )
