"""How somebody's file is written, guessed from its first rows: what `switchyard init` puts under `data`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from switchyard.core.data.contract import Kind
from switchyard.core.data.dates import is_meant_as_date, read_date
from switchyard.core.data.dialect import DAY_FIRST, MONTH_FIRST, Dialect
from switchyard.core.data.numbers import is_missing, is_word_for_missing, read_number
from switchyard.intake.rules.kinds import infer

_ORDERED = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2[0-9]{4}(?:[ T,].*)?", re.ASCII)
_MARKS = (  # thousands, decimal, how a number looks that tells
    (",", "", re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*|[+-]?[0-9]{1,3}(?:,[0-9]{3}){2,}")),
    (".", ",", re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}")),
    ("'", "", re.compile(r"[+-]?[0-9]{1,3}(?:'[0-9]{3})+(?:\.[0-9]*)?")),
    (" ", "", re.compile(r"[+-]?[0-9]{1,3}(?: [0-9]{3})+(?:\.[0-9]*)?")),
    ("_", "", re.compile(r"[+-]?[0-9]{1,3}(?:_[0-9]{3})+(?:\.[0-9]*)?")),
    ("", ",", re.compile(r"[+-]?[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})")),
)


def guessed(columns: Iterable[Sequence[str]]) -> Dialect:
    """By the columns as they stand, each with its fields. What could be read in two ways is left to the owner."""
    numbers, dates, missing = [], [], set[str]()
    for fields in columns:
        kind = infer(fields).kind
        if kind is Kind.NUMBER:
            numbers += [text.strip() for text in fields if read_number(text) is None]
        elif kind is Kind.DATE:
            dates += [text.strip() for text in fields if not is_missing(text) and read_date(text) is None]
        if kind in (Kind.NUMBER, Kind.DATE):
            missing |= {text.strip() for text in fields if is_word_for_missing(text)}
    thousands, decimal = _marks(numbers)
    return Dialect(decimal=decimal, thousands=thousands, dates=_order(dates), missing=tuple(sorted(missing)))


def _marks(numbers: Sequence[str]) -> tuple[str, str]:
    found = [(thousands, decimal) for thousands, decimal, look in _MARKS if any(map(look.fullmatch, numbers))]
    return found[0] if found else ("", "")


def _order(dates: Sequence[str]) -> str:
    """A number above 12 is a day; points are written between day, month and year alone."""
    found = [each for each in map(_ORDERED.fullmatch, filter(is_meant_as_date, dates)) if each]
    if any(int(each[3]) > 12 for each in found):
        return MONTH_FIRST
    is_day_first = any(int(each[1]) > 12 or each[2] == "." for each in found)
    return DAY_FIRST if is_day_first else ""
