"""Words in their one form: what is written in other code points, or with other white space, is the same word."""

import unicodedata
from collections.abc import Collection

from switchyard.core.data.numbers import is_missing

_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), False),
}
# Marks of byte order and of direction, and blanks without a width: editors and web pages leave them around a name.
_UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060" + "".join(filter(str.isspace, map(chr, range(0x3001))))


def column_name(field: str) -> str:
    """A name in a header in its one form: NFC, without blanks around it, seen or not."""
    return unicodedata.normalize("NFC", field.strip(_UNSEEN))


def clean(text: str) -> str:
    """NFC, runs of white space one blank, nothing unseen around: a line end within a field would cut a row in two."""
    words = " ".join(text.split())
    return words if words.isascii() else unicodedata.normalize("NFC", words.strip(_UNSEEN))


def bare(text: str) -> str:
    """Without what is not seen around it."""
    return text.strip() if text.isascii() else text.strip(_UNSEEN)


def word(text: str) -> str:
    """`clean`; empty for a missing value."""
    cleaned = clean(text)
    return "" if is_missing(cleaned) else cleaned


def boolean(text: str) -> bool | None:
    """Of true and false, yes and no, on and off, their first letters, 1 and 0; None for anything else."""
    return _BOOLEANS.get(bare(text).lower())


def absent(columns: Collection[str], name: str) -> str:
    """What stands where a column was expected, when it is only spelled otherwise; or nothing."""
    from difflib import get_close_matches  # only where something is wrong: functions start without it

    same = [each for each in columns if _plainly(each) == _plainly(name)]
    close = same or get_close_matches(name, columns, 1, 0.75)
    return f"did you mean '{close[0][:64]}'?" if close else ""


def _plainly(name: str) -> str:
    """Without capitals, quotes and marks of a comment."""
    return name.strip("'\"`#[] \u2018\u2019\u201c\u201d\u201e\u00ab\u00bb").casefold()
