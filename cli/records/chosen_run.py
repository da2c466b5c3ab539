"""Which run is meant by what a person typed."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Protocol

from cli.records.ledger import Line, read_lines
from cli.records.run_state import is_terminal
from cli.stack.access import Access
from cli.stack.errors import RefusedError, StackError
from switchyard.core.ledger.retirement import RETIRED


class Recorded(Protocol):
    """Where runs are found that the ledger no longer lists."""

    def recorded(self, run_id: str) -> Line | None: ...


def chosen(stack: Access, sources: Recorded, wanted: str = "") -> Line:
    """The newest line that is meant: a run id, a dataset or a model; without a wish the newest that is over.

    StackError where there is nothing, or nothing of that name, with the names that are nearly it.
    """
    lines = [line for line in read_lines(stack) if line.state != RETIRED]
    if not wanted:
        return _newest(lines)
    meant = [line for line in lines if _is_meant(line, wanted)]
    line = meant[-1] if meant else sources.recorded(wanted)
    if line is None:
        raise RefusedError(f"There is no run, dataset or model {wanted!r}.", advice(lines, wanted))
    return line


def chosen_run(stack: Access, sources: Recorded, wanted: str) -> Line:
    """As `chosen`, of an upload that became a run."""
    line = chosen(stack, sources, wanted)
    if not line.run_id:
        raise RefusedError(
            f"{line.source} became no run: {line.state} ({line.reason}).",
            "Name a run; see `switchyard runs`.",
        )
    return line


def _newest(lines: Sequence[Line]) -> Line:
    found = [line for line in lines if is_terminal(line.state)] or lines
    if not found:
        raise StackError(
            "Nothing was uploaded yet.", "Drop a dataset, or run `switchyard demo`, then ask again."
        )
    return found[-1]


def _is_meant(line: Line, wanted: str) -> bool:
    return wanted in (line.run_id, line.source, line.model) or line.source.endswith(f"/{wanted}")


def advice(lines: Sequence[Line], wanted: str) -> str:
    """The names that are nearly the one that was wanted, and where all are listed."""
    names = {
        name for line in lines for name in (line.run_id, line.model, line.source.rpartition("/")[2]) if name
    }
    close = get_close_matches(wanted, sorted(names), n=3)
    meant = f"Did you mean {' or '.join(close)}? " if close else ""
    return f"{meant}`switchyard runs` lists what there is."
