"""Marks and tones of the console: a shape beside every colour. Those of verdicts are the report's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from cli.records.history import Status
from cli.report import words
from switchyard.core.run import RunState

LONGEST_PAYLOAD = 8000
TOKEN_KEYS = {"token", "tasktoken"}
MARKS: Mapping[Status, tuple[str, str]] = {  # status -> (mark, tone)
    Status.NOT_REACHED: ("", "quiet"),
    Status.RUNNING: ("▶", "warn"),
    Status.WAITING: ("◷", "warn"),
    Status.SUCCEEDED: ("✓", "good"),
    Status.CAUGHT: ("↷", "caught"),
    Status.FAILED: ("✕", "bad"),
    Status.ABORTED: ("■", "bad"),
}
EXECUTIONS: Mapping[str, Status] = {
    "RUNNING": Status.RUNNING,
    "SUCCEEDED": Status.SUCCEEDED,
    "ABORTED": Status.ABORTED,
}
# Of batch drops, and of runs under way: mark, words, tone.
OTHER_TITLES: Mapping[str, tuple[str, str, str]] = {
    "SCORED": ("✓", "Scored", "good"),
    "PARTLY_SCORED": ("◐", "Partly scored", "warn"),
    "RUNNING": ("▶", "Running", "warn"),
    "WAITING": ("◷", "Waiting", "quiet"),
    "ADMITTED": ("◷", "Admitted", "quiet"),
    "RESTORING": ("↩", "Restoring the champion", "warn"),
    "INCOMPLETE": ("◌", "Incomplete", "quiet"),
}


def verdict(state: str) -> tuple[str, str, str]:
    """(mark, words, tone) of a run or an upload, whatever state it names."""
    if state in OTHER_TITLES:
        return OTHER_TITLES[state]
    if state not in RunState.__members__:
        return "·", state, "quiet"
    mark, title = words.title(RunState(state))
    return mark, title, words.tone(RunState(state))


def of_execution(status: str) -> Status:
    """An execution's status as that of a state: whatever is not named has failed."""
    return EXECUTIONS.get(status, Status.FAILED)


def clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S}"


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def date(text: str) -> str:
    """An ISO 8601 moment without its fractions; any other text as it is."""
    return text[:19].replace("T", " ")


def code(text: str) -> Markup:
    """A sentence whose commands stand between backticks, as HTML; what it holds otherwise stays text."""
    parts = [
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part)
        for at, part in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


def payload(text: str) -> str:
    """JSON as people read it, without task tokens, cut where it is too long; any other text as it is."""
    try:
        said = json.dumps(_without_tokens(json.loads(text)), indent=2, ensure_ascii=False)
    except ValueError:
        said = text
    if len(said) <= LONGEST_PAYLOAD:
        return said
    more = f"... and {len(said) - LONGEST_PAYLOAD:,} letters more; get-execution-history has them all"
    return f"{said[:LONGEST_PAYLOAD]}\n{more}"


def _without_tokens(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "(a task token)"
            if key.lower() in TOKEN_KEYS and isinstance(inner, str)
            else _without_tokens(inner)
            for key, inner in value.items()
        }
    return [_without_tokens(inner) for inner in value] if isinstance(value, list) else value
