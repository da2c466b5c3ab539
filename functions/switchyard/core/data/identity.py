"""What makes a row the same row: its values, however they are written.

Holdout exclusion, the split, the holdout's own rows and the sample for drift all ask here. `37`, `37.0`, `3.7e1`, `+37`
and ` 37` are one value, and so are -0 and 0, an empty field and `nan`, a composed and a decomposed letter, and two
spellings of one instant. Numbers are taken in 32 bits, in which models read them: what no model can tell apart is one
row. Words that are numerals are one word too, `3` and `3.0`, `01234` and `1234`: programs that read them as numbers
write them so. Models are handed each as it stands.
"""

import re
import struct
from collections.abc import Iterable, Sequence
from hashlib import sha256
from math import nan

from switchyard.core.data.rows import Value

# A NUL is between the words of a row, a line feed between rows: no word has either.
_NUMERAL = re.compile(
    rb"(?<![^\0\n])(?=\+?\.?[0-9]|-0|-?[0-9]*\.[0-9])(?=\+|-?0[0-9.]|-0|-?[0-9]*\.)\+?(-?)([0-9]*)(?:\.([0-9]*))?"
    rb"(?![^\0\n])"
)
_TO_BEGINNINGS = bytes.maketrans(b"\n+-.0123456789", b"\0" + b"0" * 13)


def row_identity(values: Sequence[Value]) -> bytes:
    """sha256 over the row's values in the order of the contract: features, then the target."""
    try:
        return sha256(_packed(values)).digest()  # type: ignore[arg-type]
    except TypeError:  # there is a text among them
        return _mixed_identity(values)


def identities(numbers: Iterable[bytes], words: list[bytes], *, has_numerals: bool = True) -> bytes:
    """The same of many rows, one behind the other. numbers: of each row in 32 bits, the label last; words: with NULs
    between them; has_numerals: whether one of them may be a numeral.
    """
    found = zip(numbers, one_spelling(words) if has_numerals else words, strict=True)
    return b"".join([sha256(own + tail).digest() for own, tail in found])


def one_spelling(rows: list[bytes]) -> list[bytes]:
    """Words of rows with NULs between them, each numeral among them without what does not count. Most have none: that
    is seen at once, for all rows.
    """
    joined = b"\n".join(rows)
    if b"\0" + b"0" not in b"\0" + joined.translate(_TO_BEGINNINGS):
        return rows
    if joined.count(b"\n") >= len(rows):  # in a row for the rules
        return [_NUMERAL.sub(_numeral, row) for row in rows]
    return _NUMERAL.sub(_numeral, joined).split(b"\n")


def _numeral(found: re.Match[bytes]) -> bytes:
    sign, whole, part = found.groups(b"")
    whole, part = whole.lstrip(b"0") or b"0", part.rstrip(b"0")
    digits = whole + b"." + part if part else whole
    return digits if digits == b"0" else sign + digits


def content_of(record: str) -> bytes:
    """sha256 of a record's bytes, by the name that it is kept by."""
    return bytes.fromhex(record.partition(".")[0])


def _packed(values: Sequence[float]) -> bytes:
    plain = [value + 0.0 if value == value else nan for value in values]  # -0 + 0 is 0; one NaN for all
    return struct.pack(f"<{len(plain)}f", *plain)


def _mixed_identity(values: Sequence[Value]) -> bytes:
    """The numbers, then the texts with a NUL between them, which none has: columns are in the contract's order."""
    numbers = _packed([value for value in values if isinstance(value, float)])
    words = "\0".join([value for value in values if isinstance(value, str)])
    own = words.encode("utf-8", "surrogatepass")
    return sha256(numbers + _NUMERAL.sub(_numeral, own)).digest()
