"""The run that a command is about, and the stack that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from cli.commands.options import connect
from cli.records.chosen_run import chosen, chosen_run
from cli.records.ledger import Line
from cli.report.facts import Sources
from cli.report.sources import sources_of
from cli.stack.access import Access

Where = tuple[str, str, str]  # stack, profile and region, as the options give them


@dataclass(frozen=True)
class Found:
    """line: what the ledger has of the upload or run."""

    access: Access
    sources: Sources
    line: Line


def find(wanted: str, where: Where) -> Found:
    """What `wanted` names, to look at it."""
    access = connect(*where)
    sources = sources_of(access)
    return Found(access, sources, chosen(access, sources, wanted))


def find_run(wanted: str, where: Where) -> Found:
    """An upload that became a run, to change something about it."""
    access = connect(*where, may_change=True)
    sources = sources_of(access)
    return Found(access, sources, chosen_run(access, sources, wanted))
