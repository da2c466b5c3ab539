"""The one grammar of numbers: what the door accepts is what every trainer reads, and reads alike.

Decimal digits of ASCII with an optional sign, point and exponent, as C's strtod reads them; blanks and tabs around
them do not count. `1_000`, digits of other scripts, `inf` and a line feed within quotes are read by some programs
and refused or read otherwise by the next, so they are refused here. Models compute in 32-bit floating point: what is
finite as text and infinite there is refused, too.

Besides numbers people write words: those for a missing value, and yes and no. `plain` is how they are handed on.
"""

import re
from collections.abc import Sequence
from math import isfinite, isnan, nan

from switchyard.core.data.number_advice import is_misspelt, look_of

BLANKS = " \t"
FLOAT32_MAX = 3.4028235677973362e38  # where rounding to 32 bits still finds a finite number

# Each digit in one way alone: of 131,072 of them, which a field may have, a search would never end.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MISSING = frozenset({"", "nan", "na", "n/a", "<na>", "null", "none", "?"})
_BOOLEANS = {"true": "1", "false": "0", "yes": "1", "no": "0"}
# Of people, spreadsheets, databases and C's printf; `\\N` is Hive's and MySQL's.
_WORDS_FOR_MISSING = frozenset({
    "-", "--", "---", "\u2010", "\u2013", "\u2014", ".", "..", "...", "*", "**", "***", "_", "#", "missing", "nil",
    "void", "unknown", "undefined", "n.a.", "n.a", "k.a.", "k. a.", "tbd", "(null)", "(blank)", "\\n", "nat", "pd.na",
    "#n/a", "#n/a n/a", "#na", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "-nan", "+nan", "nan(ind)",
    "-nan(ind)", "1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind",
})  # fmt: skip
A_WORD_FOR_MISSING = (
    "it looks like a word for a missing value; leave the field empty, or list the word in pipeline.yaml: "
    "`data: {missing: [...]}`"
)
A_TEXT = (
    "it is text; write a number, or leave it empty if it is missing, or list what stands for that in pipeline.yaml: "
    "`data: {missing: [...]}`"
)
# Blanks and marks that strtod does not pass over.
_UNSEEN = "\u00a0\u202f\u2007\u200b\u200e\u200f\u2060\ufeff"
_NOT_PLAIN = re.compile(r"[^0-9+\-.eE]")


def is_missing(text: str) -> bool:
    """An empty field, or a word for it."""
    return text.strip(BLANKS).lower() in _MISSING


def read_number(text: str) -> float | None:
    """The number; NaN for a missing value; None where `fault` has the reason."""
    stripped = text.strip(BLANKS)
    word = stripped.lower()
    if word in _MISSING:
        return nan
    stripped = _BOOLEANS.get(word, stripped)
    if _NUMBER.fullmatch(stripped) is None:
        return None
    value = float(stripped)
    return value if abs(value) <= FLOAT32_MAX else None


def is_meant_as_number(text: str) -> bool:
    """A number, or one that is written as no trainer reads it: with thousands, a currency, digits of another script."""
    stripped = text.strip(BLANKS + _UNSEEN)
    if read_number(stripped) is not None or _NUMBER.fullmatch(stripped) or stripped.isdigit():
        return True
    return is_misspelt(stripped)


def is_word_for_missing(text: str) -> bool:
    """A word that may stand for a missing number; among words it is one like others."""
    return text.strip(BLANKS).lower() in _WORDS_FOR_MISSING


def plain(text: str) -> str:
    """A field that `read_number` takes, as every trainer reads it: a number alone, or nothing."""
    stripped = text.strip(BLANKS)
    word = stripped.lower()
    return "" if word in _MISSING else _BOOLEANS.get(word, stripped)


def plain_row(fields: Sequence[str]) -> list[str]:
    """Every field of a row as `plain` gives it; nearly all rows are so already."""
    if _NOT_PLAIN.search("".join(fields)) is None:
        return list(fields)
    return [plain(text) if _NOT_PLAIN.search(text) else text for text in fields]


def read_numbers(fields: Sequence[str]) -> "list[float] | int":
    """The numbers of a row, NaN where one is missing; or the position of the first field that is none."""
    values = read_plainly(fields)
    if values is not None:
        return values
    read = []
    for position, text in enumerate(fields):
        value = read_number(text)
        if value is None:
            return position
        read.append(value)
    return read


def read_plainly(fields: Sequence[str]) -> list[float] | None:
    """What nearly all rows and columns of numbers are, numbers and empty fields; None where one needs the careful way.

    Python's float() reads more than the grammar: digits of every script, `_`, and any white space around.
    """
    row = "".join(fields)
    if not row.isascii() or not row.isprintable() or "_" in row:
        return None
    try:
        values = [float(text) if text else nan for text in fields]
    except ValueError:
        return None
    for value, text in zip(values, fields, strict=True):
        if text and not -FLOAT32_MAX <= value <= FLOAT32_MAX:
            return None
    return values


def fault(text: str) -> str:
    """Why a field is no number, and what to write instead. The value itself is not told: it may be personal data."""
    stripped = text.strip(BLANKS)
    if _NUMBER.fullmatch(stripped):
        return "the number is too large for 32-bit floating point; scale the column"
    return f"not a finite number: {_found_instead(text, stripped)}"


def _found_instead(text: str, stripped: str) -> str:
    if "\0" in text:
        return "there is a NUL byte in it; save it as UTF-8 text"
    if any(sign in text for sign in "\r\n"):
        return "there is a line feed in the field; remove it"
    if is_word_for_missing(text):
        return A_WORD_FOR_MISSING
    if any(sign.isdigit() and not sign.isascii() for sign in stripped):
        return "its digits are not 0 to 9; write it in those"
    bare = stripped.strip(_UNSEEN)
    if bare and read_number(bare) is not None:
        return "there is a sign around it that is not seen, as a no-break blank; remove it"
    look = look_of(stripped)
    if look:
        return f"it looks like {look}"
    return A_TEXT if stripped.strip() else "there is white space alone; leave the field empty"


def weight_fault(text: str) -> str:
    """Why a field says not how much a row counts, and what to write instead; "" where it does."""
    value = read_number(text)
    if value is not None and isnan(value):
        return "the weight is missing; write 1 for a row that counts once, or 0 for one that does not"
    if value is None or not isfinite(value) or value < 0:
        return "not a weight; write a finite number, 0 or more"
    return ""
