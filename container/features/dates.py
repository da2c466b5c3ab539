"""Dates as numbers that trees can split: a point in time, and the parts that repeat."""

from datetime import UTC, datetime
from functools import lru_cache
from math import nan

DATE_PARTS = ("days", "year", "month", "day", "weekday", "hour")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS = 86400
_MISSING = (nan,) * len(DATE_PARTS)


@lru_cache(maxsize=4096)
def date_parts(text: str) -> tuple[float, ...]:
    """Days since 1970-01-01, year, month, day, weekday (Monday 0), hour, in UTC; a date alone is its midnight.

    Raises ValueError with the reason.
    """
    text = text.strip()
    if not text:
        return _MISSING
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("not a date of ISO 8601, as 2026-11-29 or 2026-11-29T06:00:00Z") from None
    days = (moment - _EPOCH).total_seconds() / _DAY_SECONDS
    hour = moment.hour + moment.minute / 60 + moment.second / 3600
    return (days, moment.year, moment.month, moment.day, moment.weekday(), hour)
