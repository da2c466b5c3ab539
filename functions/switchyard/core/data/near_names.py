"""A name that is not there, and the one that may be meant."""

from collections.abc import Collection
from difflib import get_close_matches


def absent(columns: Collection[str], name: str) -> str:
    """What stands where a column was expected, when it is only spelled otherwise; or nothing."""
    same = [each for each in columns if _bare(each) == _bare(name)]
    close = same or get_close_matches(name, columns, 1, 0.75)
    return f"did you mean '{close[0][:64]}'?" if close else ""


def _bare(name: str) -> str:
    """Without capitals, quotes and marks of a comment."""
    return name.strip("'\"`#[] \u2018\u2019\u201c\u201d\u201e\u00ab\u00bb").casefold()
