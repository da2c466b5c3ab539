"""Dates in their one form: ISO 8601, in UTC; one instant is one text."""

import re
from datetime import UTC, datetime

_DATE = re.compile(
    r"[0-9]{4}([-/])[0-9]{2}\1[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?)?",
    re.ASCII | re.IGNORECASE,
)
_IN_ANY_ORDER = re.compile(
    r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2}))(?:[ T].*)?",
    re.ASCII,
)


def is_meant_as_date(text: str) -> bool:
    """A date in any order of day, month and year."""
    return _IN_ANY_ORDER.fullmatch(text.strip()) is not None


def read_date(text: str) -> str | None:
    """`2026-11-29`, or `2026-11-29T06:00:00Z` where the instant is not a midnight; None for what is no date.

    A moment without a zone is in UTC; a date alone is its midnight.
    """
    written = text.strip()
    if _DATE.fullmatch(written) is None:
        return None
    try:
        moment = datetime.fromisoformat(_plain(written))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if moment.time() == datetime.min.time():
        return f"{moment:%Y-%m-%d}".rjust(10, "0")
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _plain(text: str) -> str:
    """As datetime reads it."""
    day, rest = text[:10].replace("/", "-"), text[10:].upper().replace("UTC", "Z")
    return day + rest[:1] + rest[1:].replace(" ", "")
