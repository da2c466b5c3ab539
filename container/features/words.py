"""Text as a fixed number of columns: each counts the words that fall to it.

A word is a run of letters, digits and underscores, in lower case; its column is the CRC-32 of its UTF-8
bytes modulo the number of columns: the same in every process, on every machine.
"""

import re
import unicodedata
from array import array
from math import nan
from zlib import crc32

WORD_COLUMNS = 64
_REMEMBERED, _LONGEST = 100_000, 32
_FOR_NOTHING = frozenset({"nan", "na", "n/a", "<na>", "null", "none", "?"})  # as data are read, too
_WORD = re.compile(r"\w+")
_NONE = array("f", [0.0] * WORD_COLUMNS)
_MISSING = array("f", [nan] * WORD_COLUMNS)


class _Columns(dict[str, int]):
    """The column of each word; remembered for the first words that come."""

    def __missing__(self, word: str) -> int:
        column = crc32(word.encode()) % WORD_COLUMNS
        if len(self) < _REMEMBERED and len(word) <= _LONGEST:
            self[word] = column
        return column


_COLUMNS = _Columns()


def word_counts(text: str) -> "array[float]":
    """WORD_COLUMNS counts; all missing where there is no text."""
    if not text or text.isspace() or text.strip().lower() in _FOR_NOTHING:
        return _MISSING
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    counts = _NONE[:]
    for word in _WORD.findall(text.casefold()):
        counts[_COLUMNS[word]] += 1
    return counts
