"""Words in their one form: what is written in other code points, or with other white space, is the same word."""

import re
import unicodedata

from switchyard.core.data.numbers import is_missing

_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), False),
}
# Marks of byte order and of direction, and blanks without a width: editors and web pages leave them around a name.
_UNSEEN = r"[\s\ufeff\u200b-\u200f\u2060]+"
_AROUND = re.compile(f"^{_UNSEEN}|{_UNSEEN}$")


def column_name(field: str) -> str:
    """A name in a header in its one form: NFC, without blanks around it, seen or not."""
    return unicodedata.normalize("NFC", _AROUND.sub("", field))


def clean(text: str) -> str:
    """NFC, each run of white space one blank, none around: a line end within a field would cut a row in two."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def word(text: str) -> str:
    """`clean`; empty for a missing value."""
    cleaned = clean(text)
    return "" if is_missing(cleaned) else cleaned


def boolean(text: str) -> bool | None:
    """Of true and false, yes and no, on and off, their first letters, 1 and 0; None for anything else."""
    return _BOOLEANS.get(text.strip().lower())
