"""When a model is to be retrained by the clock: EventBridge's own expressions, in UTC.

"You can create schedules in two ways: a rate expression, or a cron expression" (EventBridge User Guide). Pure: the
moments are arguments, in seconds since the epoch.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from aws_croniter import AwsCroniter
from aws_croniter.exceptions import AwsCroniterExpressionError

from switchyard.core.errors import InvalidInputError

SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
RATE = re.compile(r"rate\(([1-9]\d{0,5}) (minute|hour|day)(s?)\)")
CRON = re.compile(r"cron\(([^()]{11,200})\)")
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)  # no schedule was ever written before it
LONGEST = 10 * 366 * 86_400  # seconds of a rate: who writes more means another unit
FORMS = "write rate(1 day), rate(12 hours) or cron(0 3 * * ? *), times in UTC"


class ScheduleError(InvalidInputError, ValueError):
    """A `schedule` that names no moments."""


@dataclass(frozen=True)
class Schedule:
    """A checked expression. `period` in seconds for a rate; `cron` otherwise."""

    expression: str
    period: int = 0
    cron: AwsCroniter | None = None

    def due(self, since: float, now: float) -> float | None:
        """The last moment in (since, now] at which a run is due; None when there is none.

        However many moments were missed, the last one stands for all: who was away catches up once.
        """
        last = since + (now - since) // self.period * self.period if self.period else self._last_cron(now)
        return last if last is not None and since < last <= now else None

    def _last_cron(self, now: float) -> float | None:
        found = self.cron.get_prev(datetime.fromtimestamp(now, UTC), inclusive=True) if self.cron else [None]
        return found[0].timestamp() if found[0] else None


def parse_schedule(expression: str) -> Schedule:
    """Raises ScheduleError with the reason and the forms that are read."""
    if rate := RATE.fullmatch(expression):
        count, unit, plural = int(rate[1]), rate[2], rate[3]
        if (count == 1) == bool(plural):  # "If the value is equal to 1, then the unit must be singular"
            raise ScheduleError(f"'{expression}': one {unit}, several {unit}s; {FORMS}")
        if count * SECONDS[unit] > LONGEST:
            raise ScheduleError(f"'{expression}': the first run would be over ten years away; {FORMS}")
        return Schedule(expression, period=count * SECONDS[unit])
    if cron := CRON.fullmatch(expression):
        return _cron(expression, cron[1])
    raise ScheduleError(f"'{expression[:60]}' is no schedule; {FORMS}")


def _cron(expression: str, fields: str) -> Schedule:
    try:
        parsed = AwsCroniter(_saturday(fields))
        first = parsed.get_next(BEGINNING, inclusive=True)
    except AwsCroniterExpressionError as error:
        raise ScheduleError(f"'{expression}': {error}; {FORMS}") from None
    except (ValueError, IndexError, TypeError, AttributeError, OverflowError):
        raise ScheduleError(f"'{expression}': a field cannot be read; {FORMS}") from None
    if not first or first[0] is None:
        raise ScheduleError(f"'{expression}': there is no such moment, so nothing would ever run; {FORMS}")
    return Schedule(expression, cron=parsed)


def _saturday(fields: str) -> str:
    """ "The L wildcard in the Day-of-month or Day-of-week fields specifies the last day of the month or week." """
    *before, day_of_week, year = fields.split(" ")
    return " ".join([*before, "7" if day_of_week.upper() == "L" else day_of_week, year])
