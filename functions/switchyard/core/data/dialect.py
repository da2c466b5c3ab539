"""How the owner's files are written, where it cannot be read off them: `data` in pipeline.yaml.

The grammar of values knows one way to write a number, a date, a missing value. What is declared here is put into that
way when a file is read, so that channels, requests and the identity of rows know nothing of it.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from switchyard.core.data.normalized_text import clean
from switchyard.core.data.number_advice import BLANK_MARKS, QUOTE_MARKS

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"

IN_OTHER_ORDER = re.compile(  # than ISO 8601: read once it is declared what comes first
    r"(?P<a>[0-9]{1,2})(?P<mark>[-/.])(?P<b>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})"
    r"(?:(?:,? |T)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?P<second>:[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)?)?",
    re.ASCII,
)

_CODE = re.compile(r"[+-]?0[0-9].*")


@dataclass(frozen=True)
class Dialect:
    """Empty texts: as the file shows it. missing: words beside the usual ones, in any case. decimal, thousands: the
    marks within numbers. dates: DAY_FIRST or MONTH_FIRST, for what is not ISO 8601.
    """

    separator: str = ""
    encoding: str = ""
    decimal: str = ""
    thousands: str = ""
    dates: str = ""
    missing: tuple[str, ...] = ()

    @property
    def respells(self) -> bool:
        """Fields are to be looked at, one by one."""
        return bool(self.decimal or self.thousands or self.dates or self.missing)

    @property
    def has_marks(self) -> bool:
        return bool(self.decimal or self.thousands)

    def to_dict(self) -> dict[str, Any]:
        """What is declared."""
        return {name: value for name, value in asdict(self).items() if value}

    def respelled(self, text: str) -> str:
        """The field as the grammar reads it; what is none of the declared forms as it stands."""
        written = text.strip()
        if self._missing and clean(text).lower() in self._missing:
            return ""
        if (self.has_marks or self._missing_numbers) and self._number.fullmatch(written):
            plain = self._plain(written)
            if self._missing_numbers and float(plain) in self._missing_numbers:
                return ""
            return plain if self.has_marks else text
        return (self.dates and _iso(written, self.dates == DAY_FIRST)) or text

    @cached_property
    def _missing(self) -> frozenset[str]:
        return frozenset(clean(word).lower() for word in self.missing)

    @cached_property
    def _missing_numbers(self) -> frozenset[float]:
        """-999 is -999.0, as Parquet and JSON have it; what begins with a zero that does not count is a word."""
        return frozenset(
            float(self._plain(word.strip()))
            for word in self.missing
            if self._number.fullmatch(word.strip()) and not _CODE.fullmatch(word.strip())
        )

    def _plain(self, number: str) -> str:
        """As float() reads it."""
        return re.sub(self._mark, "", number).replace(self._decimal, ".")

    @property
    def _decimal(self) -> str:
        return self.decimal or ("," if self.thousands == "." else ".")

    @cached_property
    def _mark(self) -> str:
        """A pattern; a blank and a quote stand for all that spreadsheets write so."""
        marks = {" ": BLANK_MARKS, "'": QUOTE_MARKS}.get(self.thousands, self.thousands)
        return f"[{re.escape(marks)}]" if marks else r"(?!)"

    @cached_property
    def _number(self) -> re.Pattern[str]:
        decimal = re.escape(self._decimal)
        grouped = f"[0-9]{{1,3}}(?:{self._mark}[0-9]{{3}})+|" if self.thousands else ""
        return re.compile(
            f"[+-]?(?:(?:{grouped}[0-9]+)(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][+-]?[0-9]+)?"
        )


AS_IT_SHOWS = Dialect()


def read_dialect(content: Mapping[str, Any]) -> Dialect:
    """The inverse of `to_dict`; TypeError for members that no dialect has."""
    return Dialect(**{**content, "missing": tuple(map(str, content.get("missing", ())))})


def _iso(text: str, is_day_first: bool) -> str:
    """`29.11.2026 6:00 PM` -> `2026-11-29T18:00`; "" for what is no such date, whether or not the day exists."""
    found = IN_OTHER_ORDER.fullmatch(text)
    if found is None:
        return ""
    day, month = (found["a"], found["b"]) if is_day_first else (found["b"], found["a"])
    date = f"{found['year']}-{month:0>2}-{day:0>2}"
    if not found["hour"]:
        return date
    hour = _hour(int(found["hour"]), (found["half"] or "").lower()[:1])
    return f"{date}T{hour}:{found['minute']}{found['second'] or ''}" if hour else ""


def _hour(hour: int, half: str) -> str:
    """Of 24, two digits; "" where the hour is none of its half of the day."""
    if not half:
        return f"{hour:02d}"
    return f"{hour % 12 + 12 * (half == 'p'):02d}" if 1 <= hour <= 12 else ""
