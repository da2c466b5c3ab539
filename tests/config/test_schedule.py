"""Schedules are EventBridge's: the last due moment stands for all that were missed; what names no moment is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchyard.config.rules.schedule import ScheduleError, parse_schedule

NIGHTLY = parse_schedule("cron(0 3 * * ? *)")
DAY = 86_400.0
moments = st.integers(1_700_000_000, 1_900_000_000).map(float)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("expression", "now", "last"),
    [
        ("cron(0 3 * * ? *)", "2026-11-22T03:00:00", "2026-11-22T03:00:00"),
        ("cron(0 3 * * ? *)", "2026-11-22T02:59:59", "2026-11-21T03:00:00"),
        ("cron(30 18 ? * MON-FRI *)", "2026-11-22T12:00:00", "2026-11-20T18:30:00"),
        ("cron(0 0 L * ? *)", "2026-11-22T12:00:00", "2026-10-31T00:00:00"),
        ("cron(0 3 1 1 ? 2025-2026)", "2026-11-22T12:00:00", "2026-01-01T03:00:00"),
        ("cron(0/15 * * * ? *)", "2026-11-22T12:14:59", "2026-11-22T12:00:00"),
    ],
)
def test_the_last_moment_of_a_cron_expression(expression: str, now: str, last: str) -> None:
    assert parse_schedule(expression).due(0.0, at(now)) == at(last)


@given(since=moments, days=st.integers(1, 400), spare=st.integers(0, 86_399))
def test_however_many_moments_were_missed_one_is_due(since: float, days: int, spare: int) -> None:
    schedule = parse_schedule("rate(1 day)")
    due = schedule.due(since, since + days * DAY + spare)
    assert due == since + days * DAY
    assert schedule.due(due, since + days * DAY + spare) is None


@given(since=moments, after=st.integers(0, 20 * 86_400))
@settings(max_examples=60)
def test_a_cron_moment_is_due_once_and_never_late(since: float, after: int) -> None:
    now = since + after
    due = NIGHTLY.due(since, now)
    here = datetime.fromtimestamp(now, UTC).replace(hour=3, minute=0, second=0, microsecond=0)
    last = here if here.timestamp() <= now else here - timedelta(days=1)
    assert due == (last.timestamp() if last.timestamp() > since else None)
    if due is not None:
        assert NIGHTLY.due(due, now) is None


@pytest.mark.parametrize(
    "expression", ["rate(1 minute)", "rate(90 minutes)", "rate(1 hour)", "rate(7 days)", "rate(3650 days)"]
)
def test_rates_that_are_read(expression: str) -> None:
    assert parse_schedule(expression).period > 0


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "daily",
        "rate(1 days)",
        "rate(2 day)",
        "rate(0 days)",
        "rate(1.5 days)",
        "rate(1 week)",
        "0 3 * * *",
        "cron(0 3 * * *)",
        "cron(0 3 * * * *)",
        "cron(0 25 * * ? *)",
        "cron(*/0 3 * * ? *)",
        "cron(0 3 ? * 9 *)",
        "cron(a b c d e f)",
        "at(2026-11-22T03:00:00)",
        "cron(0 3 1 1 ? 2025)",
        "cron(0 3 * * ? 1970-2025)",
        "rate(999999 days)",
        "rate(99999 hours)",
    ],
)
def test_what_is_refused_says_what_is_read(expression: str) -> None:
    with pytest.raises(ScheduleError, match="write rate"):
        parse_schedule(expression)


@pytest.mark.parametrize("when", ["31 2 ? *", "29 2 ? 2027", "30 2 ? *", "30W 2 ? *", "31 4,6,9,11 ? *"])
def test_a_moment_that_never_comes_is_refused(when: str) -> None:
    with pytest.raises(ScheduleError, match="there is no such moment, so nothing would ever run"):
        parse_schedule(f"cron(0 3 {when})")


@pytest.mark.parametrize("day", ["L", "l", "7", "SAT"])
def test_the_last_day_of_the_week_is_saturday(day: str) -> None:
    assert parse_schedule(f"cron(0 3 ? * {day} *)").due(0.0, at("2026-11-27T12:00:00")) == at(
        "2026-11-21T03:00:00"
    )


@pytest.mark.parametrize("when", ["LW * ? *", "L- * ? *", "? * L5 *", "1-2-3 * ? *"])
def test_what_cannot_be_read_is_told_in_words(when: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        parse_schedule(f"cron(0 3 {when})")
    assert "int()" not in str(refused.value)
