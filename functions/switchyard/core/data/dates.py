"""Dates in their one form: ISO 8601, in UTC; one instant is one text."""

import re
from datetime import UTC, datetime

from switchyard.core.data.dialect import IN_OTHER_ORDER
from switchyard.core.data.normalized_text import bare

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SHORT = tuple(each[:3] for each in _MONTHS)
_NAME = "(?P<name>" + "|".join(rf"{each}|{each[:3]}\.?" for each in _MONTHS) + r"|sept\.?)"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
_OFFSET = r"[+-][0-9]{2}(?::?[0-9]{2})?"
_ZONE = (  # Go and JavaScript tell its name, too: +0100 CET, GMT+0100 (Central European Standard Time)
    rf"(?: ?(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?{_OFFSET}(?= |$))(?:(?<=[0-9]) (?:[A-Z]{{3,4}}|\([A-Za-z ]+\)))?)?"
)
_TIME = (
    r"(?:(?:,? |T)(?P<hour>[01]?[0-9]|2[0-3])(?::(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9])"
    rf"(?:[.,](?P<fraction>[0-9]{{1,9}}))?)?)?{_ZONE})?"
)
_DIGITS = r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
_BASIC_TIME = (  # as in 20261129T060000Z: ISO 8601 without its separators
    r"T(?P<hour>[01][0-9]|2[0-3])(?P<minute>[0-5][0-9])(?:(?P<second>[0-5][0-9])(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    rf"{_ZONE}"
)
_CLOCK = (
    r"(?P<hour>[01][0-9]|2[0-3])(?P<part>[-.:])(?P<minute>[0-5][0-9])(?P=part)(?P<second>[0-5][0-9])"
    r"(?:[.,](?P<fraction>[0-9]{1,9}))?"
)
_JOINED_TIME = rf"[-_: T]{_CLOCK}{_ZONE}"  # to the second: of DB2, SAS, FIX and the logs of web servers
_YEAR_FIRST = r"(?P<year>[0-9]{4})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})"
_DAY_FIRST = rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})(?P<mark>[-/. ]?){_NAME}(?P=mark)(?P<year>[0-9]{{4}})"
_FORMS = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        _YEAR_FIRST + _TIME,
        _YEAR_FIRST + _JOINED_TIME,
        _DIGITS + _TIME,
        _DIGITS + _BASIC_TIME,
        _DIGITS + _JOINED_TIME,
        _DAY_FIRST + _TIME,
        _DAY_FIRST + _JOINED_TIME,
        rf"{_WEEKDAY}{_NAME} (?P<day>[0-9]{{1,2}}),? (?P<year>[0-9]{{4}})" + _TIME,
        rf"{_WEEKDAY}{_NAME} {{1,2}}(?P<day>[0-9]{{1,2}}) {_CLOCK}{_ZONE} (?P<year>[0-9]{{4}})",  # of C's ctime
    )
)
_IN_ANY_ORDER = re.compile(
    r"(?:[0-9]{4}[-/.] ?[0-9]{1,2}[-/.] ?[0-9]{1,2}|[0-9]{1,2}[-/.] ?[0-9]{1,2}[-/.] ?(?:[0-9]{4}|[0-9]{2}))\.?"
    r"(?:(?:,?[ T]|[-+_:][0-9]{2}[.:][0-9]{2}).*|Z)?",
    re.ASCII | re.IGNORECASE,
)
_NAMED = re.compile(
    rf"(?:[a-z]{{3}}, )?[0-9]{{1,2}}[- ]{_NAME}[- ][0-9]{{2,4}}(?:,?[ T].*)?", re.ASCII | re.IGNORECASE
)
_TWO_DIGITS = re.compile(
    r"[0-9]{1,2}([-/. ])(?:[0-9]{1,2}|[A-Za-z]{3,9}\.?)\1[0-9]{2}(?:,?[ T].*)?", re.ASCII
)
_ENDLESS = re.compile("-?infinityZ?", re.IGNORECASE)  # Z: of a typed moment
_LEFT_OPEN = re.compile(r".*[0-9] ?(?!am|pm)[a-z]{2,5}|.*\[.*\]", re.ASCII | re.IGNORECASE)


def is_meant_as_date(text: str) -> bool:
    """A date in any order of day, month and year; an endless one, as PostgreSQL has it, too."""
    written = bare(text)
    if _IN_ANY_ORDER.fullmatch(written) or _parts(written) or _ENDLESS.fullmatch(written):
        return True
    return _NAMED.fullmatch(written) is not None


def read_date(text: str) -> str | None:
    """`2026-11-29`, or `2026-11-29T06:00:00Z` where the instant is not a midnight; None for what is no date.

    ISO 8601 with or without its separators and with a blank for its T, or the month by its English name. A moment
    without a zone is in UTC; a date alone is its midnight. What is finer than a microsecond is cut off.
    """
    found = _parts(bare(text))
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(_plain(found))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if moment.time() == datetime.min.time():
        return f"{moment:%Y-%m-%d}".rjust(10, "0")
    return moment.replace(tzinfo=None).isoformat() + "Z"


def fault(text: str) -> str:
    """Why a field is no date, and what to write instead; the value itself is not told."""
    written = bare(text)
    if _parts(written) is not None:
        return "not a date: there is no such day; correct it, or leave it empty if it is missing"
    if _ENDLESS.fullmatch(written):
        return "not a date: it has no end; leave it empty, or write a day that stands for it, as 9999-12-31"
    if _TWO_DIGITS.fullmatch(written):
        return "not a date: its year has two digits; write 2026-11-29"
    if IN_OTHER_ORDER.fullmatch(written):
        return "not a date; write 2026-11-29, or say what comes first: `data: {dates: day-first}`, or month-first"
    if is_meant_as_date(written) and _LEFT_OPEN.fullmatch(written):
        return "not a date: its zone is a name; write it as an offset, 2026-11-29T06:00:00+01:00, or in UTC with a Z"
    return "not a date; write 2026-11-29 or 2026-11-29T06:00:00Z, and leave a missing one empty"


def _parts(written: str) -> re.Match[str] | None:
    return next((found for form in _FORMS if (found := form.fullmatch(written))), None)


def _plain(found: re.Match[str]) -> str:
    """As datetime reads it, in every version of Python."""
    parts = found.groupdict()
    month = parts.get("month") or str(_SHORT.index(parts["name"][:3].lower()) + 1)
    day = f"{parts['year']}-{month:0>2}-{parts['day']:0>2}"
    if parts["hour"] is None:
        return day
    fraction = (parts["fraction"] or "0")[:6].ljust(6, "0")
    time = f"{parts['hour']:0>2}:{parts['minute'] or '00'}:{parts['second'] or '00'}.{fraction}"
    return f"{day}T{time}{_offset(parts['zone'] or '')}"


def _offset(zone: str) -> str:
    """`+01` and `+0100` are `+01:00`."""
    offset = re.sub("[A-Za-z]", "", zone)
    if not offset:
        return "+00:00" if zone else ""
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return f"{offset[0]}{digits[:2]}:{digits[2:]}"
