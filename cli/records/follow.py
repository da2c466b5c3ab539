"""Following one upload through the ledger until it has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator

from cli.records.ledger import Line, read_lines
from cli.records.run_state import is_terminal
from cli.stack.access import Access
from cli.stack.errors import StackError
from cli.stack.stack import Stack

LOOK_SECONDS = 0.5


def arrived(access: Access, model: str, key: str, seconds: float) -> Line | None:
    """The upload's line as soon as it has one: what became of it, or the run that it began. None after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for line in read_lines(access, model):
            if line.source.endswith(f"/{key}") and (line.run_id or is_terminal(line.state)):
                return line
        time.sleep(LOOK_SECONDS)
    return None


def follow(stack: Stack, model: str, key: str, seconds: float) -> Iterator[Line | None]:
    """The upload's line each half second, None until it has one; the last is terminal. StackError after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = [line for line in read_lines(stack, model) if line.source.endswith(f"/{key}")]
        yield found[-1] if found else None
        if found and is_terminal(found[-1].state):
            return
        time.sleep(LOOK_SECONDS)
    raise StackError(
        f"{key} has no verdict after {seconds:.0f} s.",
        "Look at it with `switchyard watch`, and at the logs that `switchyard status` names.",
    )


def follow_run(stack: Stack, model: str, run_id: str, seconds: float) -> Line:
    """The line of a run once it has ended, whatever started it. StackError after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for line in read_lines(stack, model):
            if line.run_id == run_id and is_terminal(line.state):
                return line
        time.sleep(LOOK_SECONDS)
    raise StackError(
        f"Run {run_id} has no verdict after {seconds:.0f} s.", f"Look at it with `switchyard watch {run_id}`."
    )
