"""The dataset of a run that has ended goes through the pipeline once more."""

from __future__ import annotations

import json

from cli.records.ledger import Line
from cli.records.run_state import is_terminal
from cli.report.sources import sources_of
from cli.requests.retrain import retrain
from cli.stack.access import Access
from cli.stack.errors import RefusedError, StackError
from switchyard.core.errors import MissingError
from switchyard.triggers.rules.request import Answer


def check(_: Access, line: Line) -> None:
    """RefusedError for a run that is under way, and for a batch drop."""
    if not is_terminal(line.state):
        raise RefusedError(
            f"Run {line.run_id} is still {line.state}.", f"`switchyard abort {line.run_id}` ends it first."
        )
    if line.is_batch:
        raise RefusedError(
            f"{line.run_id} is a batch drop, which trains nothing.", "Drop the file again: it is scored anew."
        )


def retry(stack: Access, line: Line, reason: str) -> Answer:
    """The new run. RefusedError as `check` raises it; StackError where its dataset cannot be run any more."""
    check(stack, line)
    why = f"retry of {line.run_id}{': ' if reason else ''}{reason}"
    answer = retrain(stack, line.model, _dataset(stack, line), why)
    if not answer.run_id:
        raise StackError(answer.became.removeprefix("INVALID: "), "Correct what it names, then try again.")
    return answer


def _dataset(stack: Access, line: Line) -> str:
    """Where it was dropped. A run that no drop started has its cause for a source; its snapshot knows the drop."""
    if "://" in line.source:
        return line.source
    sources = sources_of(stack)
    try:
        run = sources.ledger.run(line.model, line.run_id)
        return str(json.loads(sources.artifacts.read(f"{run.snapshot}manifest.json"))["source"])
    except MissingError as error:
        raise StackError(
            f"The snapshot of run {line.run_id} is gone: {error}.",
            f"`switchyard run {line.model}` trains on the newest dataset.",
        ) from error
